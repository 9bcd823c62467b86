//! Pushes that come twice, late, in another order, changed, or not at all.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{Delivery, Push, sample};

use super::{BY, Scanner, all, chosen, connected, invite, only, scanned, suite, tick};
use crate::{
    actors::{id, text},
    fixture::Fixture,
    scenario, suites,
};

fn twice() -> Delivery {
    Delivery {
        duplicate: true,
        ..Delivery::default()
    }
}

fn dropped() -> Delivery {
    Delivery {
        drop: true,
        ..Delivery::default()
    }
}

fn held() -> Delivery {
    Delivery {
        hold: true,
        ..Delivery::default()
    }
}

pub(super) async fn install(fixture: &Fixture, delivery: Delivery) {
    let installed = fixture
        .wecom
        .install(sample::CORP, sample::SUITE, (BY, chosen()), delivery)
        .await;
    assert!(installed.is_some());
}

pub(super) async fn uninstall(fixture: &Fixture, delivery: Delivery) {
    assert!(
        fixture
            .wecom
            .uninstall(sample::CORP, sample::SUITE, delivery)
            .await
            .is_some()
    );
}

pub(super) async fn outcomes(fixture: &Fixture, suite: &Value) -> Vec<(String, Value)> {
    let mut rows = fixture.admin().items(&format!("suites/{}/pushes", id(suite))).await;
    rows.reverse();
    let row = |row: &Value| (text(row, "info_type").to_owned(), row["outcome"].clone());
    rows.iter().map(row).collect()
}

scenario!(
    a_push_that_comes_twice_is_acted_on_once,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        install(&fixture, twice()).await;
        tick(&fixture).await;
        tick(&fixture).await;
        assert_eq!(only(&fixture).await["status"], "unbound");
        assert_eq!(
            outcomes(&fixture, &suite).await,
            [("create_auth".to_owned(), json!("installed"))]
        );
        fixture.advance(Duration::from_secs(1));
        uninstall(&fixture, twice()).await;
        tick(&fixture).await;
        assert_eq!(only(&fixture).await["status"], "cancelled");
        assert_eq!(
            outcomes(&fixture, &suite).await[1..],
            [("cancel_auth".to_owned(), json!("cancelled"))]
        );
    }
);

scenario!(
    a_deletion_told_before_the_installation_it_ends_leaves_nothing_connected,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        install(&fixture, held()).await;
        fixture.advance(Duration::from_secs(5));
        uninstall(&fixture, Delivery::default()).await;
        tick(&fixture).await;
        assert_eq!(
            only(&fixture).await["status"],
            "cancelled",
            "told, though the company was not known"
        );
        fixture.wecom.release(false).await;
        tick(&fixture).await;
        let over = only(&fixture).await;
        assert_eq!(
            (&over["status"], &over["data_source_id"]),
            (&json!("cancelled"), &Value::Null)
        );
        assert_eq!(
            outcomes(&fixture, &suite).await,
            [
                ("cancel_auth".to_owned(), json!("cancelled")),
                ("create_auth".to_owned(), json!("WC-161"))
            ]
        );
    }
);

scenario!(
    what_is_installed_again_in_the_second_of_its_deletion_is_an_installation_of_its_own,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        let first = connected(&fixture, &suite).await;
        assert_eq!(first["way"], "browser");
        fixture.advance(Duration::from_secs(5));
        uninstall(&fixture, Delivery::default()).await;
        tick(&fixture).await;
        assert_eq!(only(&fixture).await["status"], "cancelled");
        install(&fixture, Delivery::default()).await;
        for _ in 0..4 {
            tick(&fixture).await;
        }
        let again = only(&fixture).await;
        assert_eq!(
            (&again["status"], &again["way"], &again["problems"]),
            (&json!("unbound"), &json!("phone"), &json!([])),
            "{again}"
        );
        let later = first["installed_at"].as_i64().unwrap() + 5000;
        assert_eq!(again["installed_at"], json!(later), "{again}");
    }
);

scenario!(
    a_late_deletion_does_not_end_what_was_installed_since,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        let bound = connected(&fixture, &suite).await;
        fixture.advance(Duration::from_secs(5));
        uninstall(&fixture, held()).await;
        fixture.advance(Duration::from_secs(5));
        install(&fixture, Delivery::default()).await;
        tick(&fixture).await;
        fixture.wecom.release(false).await;
        tick(&fixture).await;
        let still = only(&fixture).await;
        assert_eq!(
            (id(&still), &still["status"], &still["problems"]),
            (id(&bound), &json!("bound"), &json!([]))
        );
        let told = outcomes(&fixture, &suite).await;
        assert_eq!(
            told.last().unwrap(),
            &("cancel_auth".to_owned(), json!("superseded")),
            "{told:?}"
        );
        let run = fixture.sync(text(&still, "data_source_id")).await;
        assert_eq!(run["state"], "succeeded", "by the new permanent code: {run}");
    }
);

scenario!(
    an_old_installation_told_after_a_newer_one_changes_nothing,
    |fixture: Fixture| async move {
        suite(&fixture).await;
        install(&fixture, held()).await;
        fixture.advance(Duration::from_secs(5));
        install(&fixture, Delivery::default()).await;
        tick(&fixture).await;
        let first = only(&fixture).await;
        fixture.wecom.release(false).await;
        tick(&fixture).await;
        let second = only(&fixture).await;
        assert_eq!(
            (&first["installed_at"], &first["status"]),
            (&second["installed_at"], &second["status"]),
            "{second}"
        );
        fixture.advance(Duration::from_secs(3600));
        suites::ticket(&fixture).await;
        tick(&fixture).await;
        assert_eq!(
            only(&fixture).await["problems"],
            json!([]),
            "WeCom answers by the code that counts"
        );
    }
);

scenario!(
    a_change_told_after_the_deletion_brings_nothing_back,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        connected(&fixture, &suite).await;
        fixture.advance(Duration::from_secs(5));
        uninstall(&fixture, Delivery::default()).await;
        suites::push(
            &fixture,
            Push::ChangeAuth {
                corp: sample::CORP.to_owned(),
            },
            Delivery::default(),
        )
        .await;
        tick(&fixture).await;
        assert_eq!(only(&fixture).await["status"], "cancelled");
        let told = outcomes(&fixture, &suite).await;
        assert_eq!(told.last().unwrap().1, "not_installed", "{told:?}");
    }
);

scenario!(
    a_deletion_that_nobody_told_is_found_within_the_hour,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        connected(&fixture, &suite).await;
        uninstall(&fixture, dropped()).await;
        tick(&fixture).await;
        assert_eq!(only(&fixture).await["status"], "bound", "nobody knows");
        fixture.advance(Duration::from_secs(3601));
        suites::ticket(&fixture).await;
        tick(&fixture).await;
        let doubted = only(&fixture).await;
        assert_eq!(
            (&doubted["status"], &doubted["problems"][0]["number"]),
            (&json!("bound"), &json!("IN-119"))
        );
        fixture.advance(Duration::from_secs(61));
        tick(&fixture).await;
        assert_eq!(only(&fixture).await["status"], "cancelled");
        tick(&fixture).await;
        let over = only(&fixture).await;
        assert!(over["data_removed_at"].is_i64(), "{over}");
    }
);

scenario!(
    an_admin_who_asks_finds_it_by_asking_twice,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        let bound = connected(&fixture, &suite).await;
        let check = format!("installations/{}/check", id(&bound));
        let asked = fixture.admin().call("POST", &check, None).await;
        assert_eq!((asked.status, &asked.body["status"]), (200, &json!("bound")));
        uninstall(&fixture, dropped()).await;
        let asked = fixture.admin().call("POST", &check, None).await;
        assert_eq!(
            (asked.status, &asked.body["status"]),
            (200, &json!("bound")),
            "one answer is no proof"
        );
        fixture.advance(Duration::from_secs(61));
        let asked = fixture.admin().call("POST", &check, None).await;
        assert_eq!(
            (asked.status, &asked.body["status"]),
            (200, &json!("cancelled")),
            "{}",
            asked.body
        );
    }
);

scenario!(
    what_is_not_sealed_with_the_suites_own_keys_is_not_acted_on,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        connected(&fixture, &suite).await;
        for tamper in [
            simulator::Tamper::Signature,
            simulator::Tamper::OtherSuite,
            simulator::Tamper::OtherSuiteKey,
            simulator::Tamper::OtherSuiteId,
            simulator::Tamper::ProviderId,
        ] {
            fixture.advance(Duration::from_secs(1));
            let changed = Delivery {
                tamper: Some(tamper),
                ..Delivery::default()
            };
            let push = Push::CancelAuth {
                corp: sample::CORP.to_owned(),
            };
            let report = suites::push(&fixture, push, changed).await;
            assert!(!report.taken, "{tamper:?}: {report:?}");
            tick(&fixture).await;
            assert_eq!(only(&fixture).await["status"], "bound", "{tamper:?}");
        }
        // Of a company that nobody knows nothing is connected either.
        let push = Push::CancelAuth {
            corp: sample::CORP2.to_owned(),
        };
        suites::push(&fixture, push, Delivery::default()).await;
        tick(&fixture).await;
        let states: Vec<Value> = all(&fixture).await.iter().map(|one| one["status"].clone()).collect();
        assert_eq!(states, [json!("cancelled"), json!("bound")], "the newest first");
    }
);

// WeCom tells of an installation once, and lists none.
scenario!(
    an_installation_that_was_not_told_is_not_there_until_it_is_installed_again,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        install(&fixture, dropped()).await;
        tick(&fixture).await;
        assert!(all(&fixture).await.is_empty());
        let invited = invite(&fixture.admin(), &suite, json!({ "way": "phone" })).await;
        let who = || Scanner::Member(sample::CORP, sample::NORMAL);
        let scan = scanned(&fixture, &fixture.admin(), &invited, who()).await;
        let refused = fixture.admin().call("POST", "installations/scanned", Some(scan)).await;
        assert_eq!(refused.refusal(), (409, "IN-110"), "{}", refused.body);
        assert!(
            refused.body.to_string().contains("install it again"),
            "{}",
            refused.body
        );
        fixture.advance(Duration::from_secs(2));
        uninstall(&fixture, dropped()).await;
        install(&fixture, Delivery::default()).await;
        tick(&fixture).await;
        let scan = scanned(&fixture, &fixture.admin(), &invited, who()).await;
        let done = fixture.admin().call("POST", "installations/scanned", Some(scan)).await;
        assert_eq!(done.body["stage"], "connected", "{}", done.body);
    }
);
