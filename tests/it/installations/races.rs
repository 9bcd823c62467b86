//! Many at once: one wins, and whoever loses is told.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use simulator::{
    Delivery, sample,
    world::{Fault, FaultKind},
};

use super::{
    BY, Scanner, agreed, another_suite, chosen, install_by_phone, invitation, invite, only, scanned, suite, tick,
};
use crate::{actors::text, fixture::Fixture, scenario};

/// Tries at once.
const TRIES: usize = 100;

scenario!(
    of_100_parallel_returns_of_one_code_one_company_is_connected_once,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        let replica = fixture.replica().await;
        let (_, back) = agreed(&fixture, &suite).await;
        // A file and a memory are one process's: there the second would not know what the first has begun.
        let shared = !fixture.database_url().starts_with("sqlite:");
        let tries = (0..TRIES).map(|number| {
            let admin = if number % 2 == 1 && shared {
                replica.admin(&fixture)
            } else {
                fixture.admin()
            };
            let back = back.clone();
            async move { admin.call("POST", "installations/returned", Some(back)).await }
        });
        for answer in join_all(tries).await {
            assert_eq!(answer.status, 200, "{}", answer.body);
            assert!(
                ["connected", "redeemed"].contains(&text(&answer.body, "stage")),
                "{}",
                answer.body
            );
        }
        fixture.advance(Duration::from_secs(61));
        tick(&fixture).await;
        assert_eq!(only(&fixture).await["status"], "bound");
        assert_eq!(
            fixture.wecom.calls("service/v2/get_permanent_code"),
            1,
            "exchanged once"
        );
        assert_eq!(fixture.admin().items("data-sources").await.len(), 1);
        assert_eq!(fixture.admin().items("auth-sources").await.len(), 1);
    }
);

// Where leases were lost (here each replica has a memory of its own) two exchange one code, and WeCom takes it from one of them.
scenario!(
    who_comes_second_with_a_code_that_another_replica_exchanged_is_told_that_the_company_is_connected,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        let replica = fixture.replica().await;
        let (invited, back) = agreed(&fixture, &suite).await;
        for late in [300, 1500] {
            fixture.add_fault(Fault::new("/cgi-bin/service/v2/get_permanent_code", FaultKind::Slow(late)).times(1));
        }
        let tries = [fixture.admin(), replica.admin(&fixture)].map(|admin| {
            let back = back.clone();
            async move { admin.call("POST", "installations/returned", Some(back)).await }
        });
        for answer in join_all(tries).await {
            assert_eq!(answer.status, 200, "{}", answer.body);
        }
        tick(&fixture).await;
        let connected = invitation(&fixture, &invited).await;
        assert_eq!(connected["stage"], "connected", "{connected}");
        assert_eq!(only(&fixture).await["status"], "bound");
        assert_eq!(fixture.admin().items("data-sources").await.len(), 1);
    }
);

scenario!(
    of_many_admins_who_bind_at_once_one_wins_and_the_others_are_told_who_and_when,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        install_by_phone(&fixture).await;
        let replica = fixture.replica().await;
        let mut scans = Vec::new();
        for _ in 0..12 {
            let admin = fixture.admin();
            let invited = invite(&admin, &suite, json!({ "way": "phone" })).await;
            scans.push(
                scanned(
                    &fixture,
                    &admin,
                    &invited,
                    Scanner::Member(sample::CORP, sample::NORMAL),
                )
                .await,
            );
        }
        // Each scan is sent several times as well: it is used once.
        let tries = (0..TRIES).map(|number| {
            let admin = if number % 2 == 0 {
                fixture.admin()
            } else {
                replica.admin(&fixture)
            };
            let body = scans[number % scans.len()].clone();
            async move { admin.call("POST", "installations/scanned", Some(body)).await }
        });
        let answers = join_all(tries).await;
        let won: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
        assert_eq!(won.len(), 1);
        let lost: Vec<&str> = answers
            .iter()
            .map(|answer| answer.refusal().1)
            .filter(|number| !number.is_empty())
            .collect();
        assert!(
            lost.iter().all(|number| ["IN-108", "IN-116"].contains(number)),
            "{lost:?}"
        );
        let told = answers.iter().find(|answer| answer.refusal().1 == "IN-108").unwrap();
        assert!(
            text(&told.body, "detail").starts_with("connected by token:"),
            "{}",
            told.body
        );
        assert_eq!(only(&fixture).await["status"], "bound");
        assert_eq!(fixture.admin().items("data-sources").await.len(), 1);
    }
);

scenario!(
    of_two_suites_that_bind_one_company_at_once_one_wins,
    |fixture: Fixture| async move {
        let first = suite(&fixture).await;
        let second = json!({ "name": "云门门户", "suite_id": sample::SUITE2, "secret": "sample-suite-secret-yunmen-0000000000002" });
        let second = another_suite(&fixture, second).await;
        for suite in [sample::SUITE, sample::SUITE2] {
            fixture
                .wecom
                .install(sample::CORP, suite, (BY, chosen()), Delivery::default())
                .await
                .unwrap();
        }
        tick(&fixture).await;
        let replica = fixture.replica().await;
        let mut scans = Vec::new();
        for suite in [&first, &second, &first, &second] {
            let admin = fixture.admin();
            let invited = invite(&admin, suite, json!({ "way": "phone" })).await;
            let who = Scanner::Member(sample::CORP, sample::NORMAL);
            scans.push(scanned(&fixture, &admin, &invited, who).await);
        }
        let tries = scans.into_iter().enumerate().map(|(number, body)| {
            let admin = if number % 2 == 0 {
                fixture.admin()
            } else {
                replica.admin(&fixture)
            };
            async move { admin.call("POST", "installations/scanned", Some(body)).await }
        });
        let answers = join_all(tries).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
        let lost = answers
            .iter()
            .map(|answer| answer.refusal().1)
            .filter(|number| !number.is_empty());
        assert!(
            lost.clone().all(|number| ["IN-108", "IN-109"].contains(&number)),
            "{:?}",
            lost.collect::<Vec<_>>()
        );
        assert_eq!(fixture.admin().items("installations?status=bound").await.len(), 1);
    }
);
