//! No answer proves and heals nothing, wrong secrets are bounded for all admins together, and what somebody else changes meanwhile stays.

use std::time::Duration;

use serde_json::json;
use simulator::{
    sample,
    world::{Fault, FaultKind},
};

use super::{edit_app, numbers, probe, read, source_of};
use crate::{actors::id, fixture::Fixture, scenario};

const MINUTE: Duration = Duration::from_secs(60);

scenario!(
    a_probe_without_an_answer_keeps_what_was_known_and_says_so,
    |fixture: Fixture| async move {
        fixture.trust_domain();
        let source = fixture.admin().create("data-sources", source_of(json!({}))).await;
        let path = format!("data-sources/{}/probe", id(&source));
        let known = fixture.admin().get(&path).await["credentials"][0].clone();
        assert_eq!(known["probed_at"], fixture.clock.now().millis(), "{known}");
        let cases: [(bool, &[&str]); 2] = [(true, &[]), (false, &["DI-212"])];
        for (trusted, standing) in cases {
            let elsewhere = (!trusted).then(|| vec!["192.0.2.1".to_owned()]);
            edit_app(&fixture, |app| app.trusted_ips = elsewhere);
            fixture.advance(MINUTE * 2);
            let before = probe(&fixture, &path).await;
            assert_eq!(numbers(&before), standing, "{before}");
            let before = &before["credentials"][0];
            fixture.break_wecom("/cgi-bin/");
            fixture.advance(MINUTE * 2);
            let shown = probe(&fixture, &path).await;
            let after = &shown["credentials"][0];
            assert_eq!(numbers(&shown), [standing, &["DI-217"][..]].concat(), "{shown}");
            assert_eq!(after["capabilities"], before["capabilities"]);
            assert_eq!(after["probed_at"], before["probed_at"], "nobody answered");
            assert_eq!(after["tried_at"], fixture.clock.now().millis());
            let unproven = shown["problems"].as_array().unwrap().last().unwrap();
            assert_eq!(unproven["severity"], "warning", "{unproven}");
            fixture.mend_wecom();
            let healed = probe(&fixture, &path).await;
            assert_eq!(numbers(&healed), standing, "{healed}");
            assert_eq!(
                healed["credentials"][0]["probed_at"],
                healed["credentials"][0]["tried_at"]
            );
        }
    }
);

scenario!(
    after_many_wrong_secrets_within_an_hour_nobodys_are_tried,
    |fixture: Fixture| async move {
        fixture.trust_domain();
        let admin = fixture.admin();
        let body = source_of(json!({ "app": { "agent_id": sample::AGENT_ID, "secret": "nonsense-secret" } }));
        let calls = || fixture.wecom.calls("gettoken");
        let before = calls();
        for _ in 0..20 {
            for _ in 0..10 {
                let reply = admin.call("POST", "data-sources", Some(body.clone())).await;
                assert_eq!(reply.refusal(), (422, "DI-237"), "{}", reply.body);
            }
            fixture.advance(MINUTE + Duration::from_secs(1));
        }
        let bounded = admin.call("POST", "data-sources", Some(body.clone())).await;
        assert_eq!(bounded.refusal(), (429, "DI-242"), "{}", bounded.body);
        assert_eq!(calls() - before, 200);
        fixture.advance(MINUTE * 60);
        let again = admin.call("POST", "data-sources", Some(body)).await;
        assert_eq!(again.refusal(), (422, "DI-237"), "{}", again.body);
    }
);

scenario!(
    while_wecom_gives_no_tokens_credentials_are_saved_untried,
    |fixture: Fixture| async move {
        fixture.trust_domain();
        let admin = fixture.admin();
        fixture.add_fault(Fault::new("/cgi-bin/gettoken", FaultKind::Errcode(45009)));
        let source = admin.create("data-sources", source_of(json!({}))).await;
        assert_eq!(numbers(&source), ["DI-217"], "{source}");
        fixture.mend_wecom();
        let path = format!("data-sources/{}", id(&source));
        let calls = fixture.wecom.calls("gettoken");
        let secret = |secret: &str| json!({ "app": { "secret": secret } });
        let untried = admin.change(&path, secret("nonsense-secret")).await;
        assert_eq!(numbers(&untried), ["DI-217"], "{untried}");
        assert_eq!(fixture.wecom.calls("gettoken"), calls);
        fixture.advance(MINUTE * 5 + Duration::from_secs(1));
        let tried = admin.call("PATCH", &path, Some(secret("other-nonsense"))).await;
        assert_eq!(tried.refusal(), (422, "DI-237"), "{}", tried.body);
        let good = admin.change(&path, secret(sample::APP_SECRET)).await;
        assert_eq!(numbers(&good), [""; 0], "{good}");
    }
);

scenario!(
    more_good_credentials_than_are_tried_within_a_minute_are_saved_all_the_same,
    |fixture: Fixture| async move {
        fixture.trust_domain();
        let admin = fixture.admin();
        let source = admin.create("data-sources", source_of(json!({}))).await;
        let path = format!("data-sources/{}", id(&source));
        for _ in 0..60 {
            let reply = admin.call("POST", &format!("{path}/probe"), None).await;
            assert!(matches!(reply.status, 200 | 429), "{}", reply.body);
        }
        edit_app(&fixture, |app| app.secret = "the-new-secret".to_owned());
        let saved = admin
            .change(&path, json!({ "app": { "secret": "the-new-secret" } }))
            .await;
        assert_eq!(numbers(&saved), ["DI-217"], "{saved}");
        fixture.advance(MINUTE * 10 + Duration::from_secs(1));
        fixture.app.tick().await.unwrap();
        assert_eq!(read(&fixture, &path).await, [""; 0], "tried by the jobs");
    }
);

scenario!(
    an_app_that_somebody_else_changes_meanwhile_is_not_overwritten,
    |fixture: Fixture| async move {
        fixture.trust_domain();
        let admin = fixture.admin();
        let source = admin.create("data-sources", source_of(json!({}))).await;
        let auth_source = fixture.auth_source(sample::CORP).await;
        let other = json!({
            "name": "门禁", "corp_id": sample::CORP,
            "agent_id": sample::OLD_AGENT_ID, "app_secret": sample::OLD_APP_SECRET,
        });
        admin.create("auth-sources", other).await;
        let paths = [
            (
                format!("data-sources/{}", id(&source)),
                json!({ "app": { "secret": "the-new-secret" } }),
                json!({ "app": { "agent_id": sample::OLD_AGENT_ID } }),
            ),
            (
                format!("auth-sources/{}", id(&auth_source)),
                json!({ "app_secret": "the-new-secret" }),
                json!({ "agent_id": sample::OLD_AGENT_ID }),
            ),
        ];
        edit_app(&fixture, |app| app.secret = "the-new-secret".to_owned());
        for (path, slow, quick) in paths {
            let before = fixture.wecom.calls("agent/get");
            fixture.add_fault(Fault::new("/cgi-bin/agent/get", FaultKind::Slow(1000)).times(1));
            let meanwhile = async {
                while fixture.wecom.calls("agent/get") == before {
                    tokio::task::yield_now().await;
                }
                admin.change(&path, quick).await
            };
            let (refused, _) = tokio::join!(admin.call("PATCH", &path, Some(slow)), meanwhile);
            assert_eq!(refused.refusal(), (409, "DI-243"), "{}", refused.body);
            let shown = admin.get(&path).await;
            let agent_id = shown.get("agent_id").unwrap_or(&shown["app"]["agent_id"]);
            assert_eq!(*agent_id, sample::OLD_AGENT_ID, "{shown}");
        }
    }
);
