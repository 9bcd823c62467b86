//! Pushes that have to be tried again, and what changes about an installation that stands: its scope, its permanent code.

use std::time::Duration;

use menjin::crypto::digest::sha256_base64url;
use serde_json::{Value, json};
use simulator::{
    Delivery, Push, sample,
    world::{Fault, FaultKind, Scope},
};

use super::{
    BY, Scanner, agreed, all, another_suite, chosen, connected, install_by_phone, invitation, invite, only, parameter,
    pushes::{install, outcomes},
    scan_at, suite, tick,
};
use crate::{
    actors::{As, id, text},
    fixture::Fixture,
    scenario, suites,
};

scenario!(
    a_push_is_tried_again_while_wecom_does_not_answer_and_given_up_when_its_code_is_dead,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        fixture.add_fault(Fault::new(
            "/cgi-bin/service/v2/get_permanent_code",
            FaultKind::BadGateway,
        ));
        install(&fixture, Delivery::default()).await;
        tick(&fixture).await;
        assert_eq!(all(&fixture).await.len(), 0);
        assert_eq!(
            outcomes(&fixture, &suite).await,
            [("create_auth".to_owned(), json!("WC-140"))]
        );
        fixture.mend_wecom();
        fixture.advance(Duration::from_secs(5));
        tick(&fixture).await;
        assert_eq!(only(&fixture).await["status"], "unbound");
        fixture.add_fault(Fault::new(
            "/cgi-bin/service/v2/get_permanent_code",
            FaultKind::BadGateway,
        ));
        fixture.advance(Duration::from_secs(5));
        install(&fixture, Delivery::default()).await;
        for _ in 0..12 {
            tick(&fixture).await;
            fixture.advance(Duration::from_secs(60));
        }
        suites::ticket(&fixture).await;
        tick(&fixture).await;
        let told = outcomes(&fixture, &suite).await;
        assert_eq!(
            told.last().unwrap(),
            &("create_auth".to_owned(), json!("IN-131")),
            "{told:?}"
        );
    }
);

scenario!(
    a_wider_or_narrower_scope_is_read_anew_and_synced,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        let before = connected(&fixture, &suite).await;
        let rescoped = async |scope: Scope| {
            fixture.advance(Duration::from_secs(5));
            fixture
                .wecom
                .edit(|world| world.installed_mut(sample::CORP, sample::SUITE).unwrap().scope = scope);
            suites::push(
                &fixture,
                Push::ChangeAuth {
                    corp: sample::CORP.to_owned(),
                },
                Delivery::default(),
            )
            .await;
            tick(&fixture).await;
            tick(&fixture).await;
            only(&fixture).await
        };
        let wider = Scope {
            users: Vec::new(),
            parties: vec![2, 3],
            tags: vec![1],
        };
        let after = rescoped(wider).await;
        assert_eq!(
            after["scope"],
            json!({ "members": 0, "departments": 2, "tags": 1 }),
            "{after}"
        );
        assert!(
            after["members"].as_i64() > before["members"].as_i64(),
            "{before} {after}"
        );
        let narrower = Scope {
            users: Vec::new(),
            parties: vec![2],
            tags: vec![1],
        };
        let after = rescoped(narrower).await;
        assert_eq!(after["scope"]["departments"], 1);
        assert_eq!(after["status"], "bound");
    }
);

scenario!(
    an_installation_that_a_push_brought_is_read_without_a_ticket_as_soon_as_one_comes,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        install_by_phone(&fixture).await;
        fixture.advance(Duration::from_secs(3601));
        tick(&fixture).await;
        assert_eq!(only(&fixture).await["problems"][0]["number"], "IN-103");
        suites::ticket(&fixture).await;
        fixture.advance(Duration::from_secs(60));
        tick(&fixture).await;
        let well = only(&fixture).await;
        assert_eq!((&well["problems"], &well["suite_id"]), (&json!([]), &suite["id"]));
    }
);

scenario!(
    a_permanent_code_that_was_reset_ends_nothing_and_is_replaced,
    |fixture: Fixture| async move {
        suite(&fixture).await;
        let entered = json!({
            "name": "代开发", "suite_id": sample::TEMPLATE, "secret": sample::TEMPLATE_SECRET,
            "provider_corp_id": sample::PROVIDER, "provider_secret": sample::PROVIDER_SECRET,
        });
        let template = another_suite(&fixture, entered).await;
        fixture
            .wecom
            .install(sample::CORP, sample::TEMPLATE, (BY, chosen()), Delivery::default())
            .await
            .unwrap();
        tick(&fixture).await;
        let waiting = only(&fixture).await;
        let admin = fixture.admin();
        let invited = invite(&admin, &template, json!({ "way": "phone" })).await;
        assert!(invited["qr"].is_string(), "by the provider's secret: {invited}");
        let path = format!("suites/{}/invitations/{}/scan", id(&template), id(&invited));
        let nameless = admin.call("POST", &path, None).await;
        assert_eq!(
            nameless.refusal(),
            (422, "IN-102"),
            "which company, must be known: {}",
            nameless.body
        );
        let begun = admin.create(&path, json!({ "installation_id": waiting["id"] })).await;
        let who = Scanner::Own(sample::NORMAL);
        let back = scan_at(&fixture, &fixture.browser(), text(&begun, "login_url"), who).await;
        let body = json!({ "state": parameter(&back, "state"), "code": parameter(&back, "code") });
        let done = admin.call("POST", "installations/scanned", Some(body)).await;
        assert_eq!(
            (done.status, &done.body["stage"]),
            (200, &json!("connected")),
            "{}",
            done.body
        );
        fixture.advance(Duration::from_secs(5));
        let reset = format!(
            "{}/_sim/corps/{}/installs/{}/reset",
            fixture.wecom.base_url(),
            sample::CORP,
            sample::TEMPLATE
        );
        let reset = fixture
            .http
            .post(reset)
            .json(&json!({ "delivery": { "hold": true } }))
            .send()
            .await
            .unwrap();
        assert!(reset.status().is_success());
        // Asked by the old code, WeCom knows of nothing.
        let check = format!("installations/{}/check", id(&waiting));
        let asked = admin.call("POST", &check, None).await;
        assert_eq!(
            (&asked.body["status"], &asked.body["problems"][0]["number"]),
            (&json!("bound"), &json!("IN-119")),
            "{}",
            asked.body
        );
        fixture.wecom.release(false).await;
        tick(&fixture).await;
        let well = only(&fixture).await;
        assert_eq!(
            (
                &well["status"],
                &well["problems"],
                &well["installed_at"],
                &well["installed_by"]
            ),
            (
                &json!("bound"),
                &json!([]),
                &waiting["installed_at"],
                &waiting["installed_by"]
            ),
            "{well}"
        );
        let run = fixture.sync(text(&well, "data_source_id")).await;
        assert_eq!(run["state"], "succeeded", "by the new one: {run}");
    }
);

// Whoever holds the lease on a code was killed: nobody else knows what WeCom was asked.
scenario!(
    a_return_whose_exchange_nobody_finished_is_taken_up_and_given_up_when_its_code_is_dead,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        let (invited, back) = agreed(&fixture, &suite).await;
        let lease = |back: &Value| {
            let digest = sha256_base64url(text(back, "auth_code").as_bytes());
            format!("lease:installation-code:{digest}")
        };
        let held = lease(&back);
        let hour = Duration::from_secs(3600);
        assert!(fixture.app.ephemeral().put_new(&held, b"somebody", hour).await.unwrap());
        let answer = fixture.admin().create("installations/returned", back).await;
        assert_eq!(
            (&answer["stage"], &answer["installation_id"]),
            (&json!("redeemed"), &Value::Null)
        );
        tick(&fixture).await;
        assert_eq!(all(&fixture).await.len(), 0, "somebody may be at it");
        fixture.app.ephemeral().take(&held).await.unwrap();
        fixture.advance(Duration::from_secs(31));
        tick(&fixture).await;
        assert_eq!(only(&fixture).await["status"], "bound");
        assert_eq!(invitation(&fixture, &invited).await["stage"], "connected");
        let (second, back) = agreed(&fixture, &suite).await;
        assert!(
            fixture
                .app
                .ephemeral()
                .put_new(&lease(&back), b"somebody", hour)
                .await
                .unwrap()
        );
        fixture.admin().create("installations/returned", back).await;
        fixture.advance(Duration::from_secs(600));
        tick(&fixture).await;
        assert_eq!(invitation(&fixture, &second).await["stage"], "failed");
    }
);

scenario!(
    what_is_over_and_done_with_is_swept_after_ninety_days,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        install_by_phone(&fixture).await;
        let invited = invite(&fixture.admin(), &suite, json!({ "way": "phone" })).await;
        fixture.advance(Duration::from_secs(25 * 3600));
        tick(&fixture).await;
        let over = only(&fixture).await;
        assert_eq!(
            (&over["status"], &over["corp_name"], &over["installed_by"]),
            (&json!("expired"), &json!(""), &Value::Null),
            "what WeCom told of it is gone"
        );
        fixture.advance(Duration::from_secs(3 * 24 * 3600));
        tick(&fixture).await;
        let path = format!("suites/{}/invitations/{}", id(&suite), id(&invited));
        assert_eq!(
            fixture.admin().call("GET", &path, None).await.refusal(),
            (404, "IN-101")
        );
        assert_eq!(all(&fixture).await.len(), 1);
        fixture.advance(Duration::from_secs(91 * 24 * 3600));
        tick(&fixture).await;
        assert_eq!(all(&fixture).await.len(), 0);
    }
);

scenario!(
    whoever_falls_out_of_what_a_company_authorised_is_out_and_a_change_that_was_not_told_is_found,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        let bound = connected(&fixture, &suite).await;
        let source = text(&bound, "data_source_id");
        let guard = json!({ "removal_threshold_percent": 100 });
        fixture.admin().change(&format!("data-sources/{source}"), guard).await;
        let portal = fixture.portal("wiki", json!({})).await;
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let narrow = |fixture: &Fixture, users: &[&str]| {
            let users = users.iter().map(|userid| (*userid).to_owned()).collect();
            fixture.wecom.edit(|world| {
                world.installed_mut(sample::CORP, sample::SUITE).unwrap().scope = Scope {
                    users,
                    ..Scope::default()
                };
            });
        };
        narrow(&fixture, &[sample::BY_PICK, sample::NORMAL]);
        fixture.advance(Duration::from_secs(5));
        let change = Push::ChangeAuth {
            corp: sample::CORP.to_owned(),
        };
        suites::push(&fixture, change, Delivery::default()).await;
        for _ in 0..2 {
            tick(&fixture).await;
        }
        assert_eq!(only(&fixture).await["members"], 2);
        let kept = portal.refresh(text(&tokens, "refresh_token")).await;
        assert_eq!(kept.status, 200, "{}", kept.body);
        // Nobody tells this time: the hourly look finds it.
        narrow(&fixture, &[sample::BY_PICK]);
        fixture.advance(Duration::from_secs(3601));
        suites::ticket(&fixture).await;
        for _ in 0..3 {
            tick(&fixture).await;
        }
        let narrowed = only(&fixture).await;
        assert_eq!(
            (&narrowed["status"], &narrowed["members"]),
            (&json!("bound"), &json!(1)),
            "{narrowed}"
        );
        portal.assert_ended(&kept.body).await;
        let reports = fixture.admin().items("offboardings").await;
        assert!(!reports.is_empty());
    }
);

scenario!(
    a_change_that_would_take_more_people_away_than_allowed_waits_for_an_admin,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        let bound = connected(&fixture, &suite).await;
        fixture.wecom.edit(|world| {
            world.installed_mut(sample::CORP, sample::SUITE).unwrap().scope = Scope {
                users: vec![sample::BY_PICK.to_owned()],
                ..Scope::default()
            };
        });
        fixture.advance(Duration::from_secs(5));
        let change = Push::ChangeAuth {
            corp: sample::CORP.to_owned(),
        };
        suites::push(&fixture, change, Delivery::default()).await;
        for _ in 0..2 {
            tick(&fixture).await;
        }
        let runs = format!("sync-runs?data_source={}&limit=1", text(&bound, "data_source_id"));
        let run = fixture.admin().items(&runs).await.remove(0);
        assert_eq!(run["state"], "paused", "{run}");
        assert_eq!(
            only(&fixture).await["members"],
            bound["members"],
            "nobody is taken away unasked"
        );
        // Whoever scans is out all the same: WeCom does not show them.
        let portal = fixture.portal("wiki", json!({})).await;
        let page = portal
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
            .await;
        assert!(page.body.contains("GT-108"), "{}", page.body);
    }
);

scenario!(
    a_permanent_code_whose_reset_was_not_told_is_asked_for_by_name_and_comes_with_a_new_installation,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        let bound = connected(&fixture, &suite).await;
        fixture.wecom.edit(|world| {
            let app = world.installed_mut(sample::CORP, sample::SUITE).unwrap();
            "another".clone_into(&mut app.install.as_mut().unwrap().permanent_code);
        });
        let check = format!("installations/{}/check", id(&bound));
        let asked = fixture.admin().call("POST", &check, None).await;
        assert_eq!(asked.body["problems"][0]["number"], "IN-119", "{}", asked.body);
        fixture.advance(Duration::from_secs(30));
        let again = connected(&fixture, &suite).await;
        assert_eq!(
            (&again["status"], &again["problems"], &again["data_source_id"]),
            (&json!("bound"), &json!([]), &bound["data_source_id"]),
            "{again}"
        );
    }
);
