//! Credentials that stop to work after they were saved, and how often WeCom is asked about them.

use std::time::Duration;

use serde_json::json;
use simulator::{ForcedExpiry, sample};

use super::{edit_app, later, no_secret, numbers, probe, read, source_of};
use crate::{
    actors::{As, id, text},
    fixture::Fixture,
    scenario,
};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// Trusts calls from here, or not any more.
fn trust(fixture: &Fixture, trusted: bool) {
    let elsewhere = (!trusted).then(|| vec!["192.0.2.1".to_owned()]);
    edit_app(fixture, |app| app.trusted_ips = elsewhere);
}

scenario!(
    each_credential_is_probed_again_within_a_day_and_seldom_while_something_is_wrong,
    |fixture: Fixture| async move {
        fixture.trust_domain();
        let contacts = json!({ "contacts_secret": sample::CONTACTS_SECRET });
        let source = fixture.admin().create("data-sources", source_of(contacts)).await;
        let path = format!("data-sources/{}", id(&source));
        later(&fixture, MINUTE).await;
        let untrusted = |untrusted: bool| {
            let elsewhere = untrusted.then(|| vec!["192.0.2.1".to_owned()]);
            fixture.edit_corp(|corp| corp.contacts_trusted_ips = elsewhere);
        };
        untrusted(true);
        let calls = fixture.wecom.calls("department/simplelist");
        for _ in 0..21 {
            later(&fixture, HOUR).await;
        }
        assert_eq!(
            fixture.wecom.calls("department/simplelist"),
            calls,
            "not before its time"
        );
        assert_eq!(read(&fixture, &path).await, [""; 0]);
        for _ in 0..18 {
            later(&fixture, MINUTE * 10).await;
        }
        assert_eq!(read(&fixture, &path).await, ["DI-212"]);
        assert!(fixture.wecom.calls("department/simplelist") > calls);
        let calls = fixture.wecom.calls("department/simplelist");
        for _ in 0..24 * 6 {
            later(&fixture, MINUTE * 10).await;
        }
        let probes = fixture.wecom.calls("department/simplelist") - calls;
        assert!((20..=30).contains(&probes), "{probes}");
        untrusted(false);
        later(&fixture, HOUR).await;
        assert_eq!(read(&fixture, &path).await, [""; 0]);
    }
);

scenario!(
    what_a_sync_or_a_scan_was_denied_for_is_looked_into_at_once,
    |fixture: Fixture| async move {
        fixture.trust_domain();
        let source = fixture.connect_with(json!({ "contacts_secret": null })).await;
        let portal = fixture.portal("wiki", json!({})).await;
        let path = format!("data-sources/{}", id(&source));
        fixture.app.tick().await.unwrap();
        assert_eq!(read(&fixture, &path).await, [""; 0]);
        for by_scan in [false, true] {
            trust(&fixture, false);
            fixture.advance(Duration::from_secs(1));
            if by_scan {
                let browser = fixture.browser();
                let page = portal.sign_in(&fixture, &browser, As::Member(sample::NORMAL)).await;
                assert!(page.returned("code").is_none(), "{}", page.body);
            } else {
                let run = fixture.sync(id(&source)).await;
                assert_eq!(run["state"], "failed", "{run}");
                let last = &fixture.admin().get(&path).await["last_sync"];
                assert_eq!((&last["id"], &last["state"]), (&run["id"], &json!("failed")), "{last}");
            }
            fixture.app.tick().await.unwrap();
            let shown = fixture.admin().get(&path).await;
            assert_eq!(numbers(&shown), ["DI-212"], "by a scan: {by_scan}");
            let problem = &shown["problems"][0];
            assert!(text(problem, "detail").contains("127.0.0.1"), "{problem}");
            assert_eq!(problem["since"], fixture.clock.now().millis(), "{problem}");
            trust(&fixture, true);
            later(&fixture, HOUR).await;
            assert_eq!(read(&fixture, &path).await, [""; 0], "by a scan: {by_scan}");
        }
    }
);

scenario!(
    a_wrong_secret_is_not_asked_about_at_will,
    |fixture: Fixture| async move {
        fixture.trust_domain();
        let admin = fixture.admin();
        let wrong = json!({ "app": { "agent_id": sample::AGENT_ID, "secret": "nonsense-secret" } });
        let body = source_of(wrong);
        let calls = || fixture.wecom.calls("gettoken");
        let (mut refused, mut bounded, before) = (0, 0, calls());
        for _ in 0..25 {
            let reply = admin.call("POST", "data-sources", Some(body.clone())).await;
            no_secret(&reply.body);
            match reply.refusal() {
                (422, "DI-237") => refused += 1,
                (429, "DI-242") => bounded += 1,
                other => panic!("{other:?}: {}", reply.body),
            }
        }
        assert_eq!((refused, bounded, calls() - before), (10, 15, 10));
        fixture.advance(MINUTE + Duration::from_secs(1));
        let mut anyway = body.clone();
        anyway["save_anyway"] = json!(true);
        let source = admin.create("data-sources", anyway).await;
        let path = format!("data-sources/{}", id(&source));
        // Neither an admin who probes nor the jobs ask about it before that is due.
        let before = calls();
        for _ in 0..20 {
            let shown = probe(&fixture, &format!("{path}/probe")).await;
            assert_eq!(numbers(&shown), ["WC-110"], "{shown}");
            fixture.app.tick().await.unwrap();
        }
        assert_eq!(calls(), before);
        for _ in 0..60 {
            later(&fixture, MINUTE).await;
        }
        let asked = calls() - before;
        assert!((2..=4).contains(&asked), "{asked}");
        // The bound is one admin's, and also of those who only probe.
        fixture.advance(MINUTE * 2);
        let mut statuses = Vec::new();
        for _ in 0..61 {
            statuses.push(admin.call("POST", &format!("{path}/probe"), None).await.status);
        }
        assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 1);
        let other = fixture.admin_with_role("operator").await;
        assert_eq!(other.call("POST", &format!("{path}/probe"), None).await.status, 200);
    }
);

scenario!(
    an_app_that_is_switched_off_later_is_told_and_a_new_secret_mends_a_reset_one,
    |fixture: Fixture| async move {
        fixture.trust_domain();
        let source = fixture.connect().await;
        let path = format!("data-sources/{}", id(&source));
        fixture.app.tick().await.unwrap();
        edit_app(&fixture, |app| app.closed = true);
        fixture.sync(id(&source)).await;
        fixture.app.tick().await.unwrap();
        assert_eq!(read(&fixture, &path).await, ["DI-206"], "its token lives");
        edit_app(&fixture, |app| app.closed = false);
        later(&fixture, HOUR).await;
        assert_eq!(read(&fixture, &path).await, [""; 0]);
        edit_app(&fixture, |app| app.secret = "the-new-secret".to_owned());
        fixture.wecom.expire_tokens(ForcedExpiry::Code40014);
        fixture.sync(id(&source)).await;
        assert_eq!(read(&fixture, &path).await, ["WC-110"]);
        let app = |secret: &str| json!({ "app": { "secret": secret } });
        let calls = fixture.wecom.calls("gettoken");
        let same = fixture.admin().change(&path, app(sample::APP_SECRET)).await;
        assert_eq!(
            fixture.wecom.calls("gettoken"),
            calls,
            "the stored one again is tried at its next use"
        );
        assert_eq!(numbers(&same), [""; 0], "{same}");
        fixture.sync(id(&source)).await;
        assert_eq!(read(&fixture, &path).await, ["WC-110"]);
        let mended = fixture.admin().change(&path, app("the-new-secret")).await;
        assert_eq!(numbers(&mended), [""; 0], "{mended}");
        assert!(!mended.to_string().contains("the-new-secret"));
    }
);
