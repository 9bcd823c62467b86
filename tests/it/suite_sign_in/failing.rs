//! What a sign-in and a sync say where a suite's tokens, tickets, codes and licences fail, and that they heal by themselves.

use std::time::Duration;

use simulator::{
    ForcedExpiry, sample,
    world::{Fault, FaultKind},
};

use super::{company, portal_of, told};
use crate::{actors::As, fixture::Fixture, scenario, suites};

scenario!(
    a_token_that_died_early_is_fetched_anew_and_nobody_notices,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let portal = portal_of(&fixture, &company).await;
        portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        for forced in [ForcedExpiry::Code40014, ForcedExpiry::Code42001] {
            fixture.wecom.expire_tokens(forced);
            let fetched = fixture.wecom.calls("service/get_corp_token");
            portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
            assert_eq!(fixture.wecom.calls("service/get_corp_token"), fetched + 1, "a new one");
        }
        let run = fixture.sync(&company.source).await;
        assert_eq!(run["state"], "succeeded", "{run}");
    }
);

scenario!(
    without_a_ticket_for_half_an_hour_sign_ins_say_so_once_the_token_is_over_and_a_ticket_heals_it,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let portal = portal_of(&fixture, &company).await;
        fixture.advance(Duration::from_secs(31 * 60));
        portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        fixture.advance(Duration::from_secs(2 * 3600));
        let asked = fixture.wecom.calls("service/get_suite_token");
        let page = portal
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
            .await;
        assert!(page.status >= 400 && page.body.contains("WC-117"), "{}", page.body);
        assert_eq!(
            fixture.wecom.calls("service/get_suite_token"),
            asked,
            "nothing to ask with"
        );
        let run = fixture.sync(&company.source).await;
        assert_eq!(
            (&run["state"], &run["failure_number"]),
            (&"failed".into(), &"SY-160".into()),
            "{run}"
        );
        suites::ticket(&fixture).await;
        portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let run = fixture.sync(&company.source).await;
        assert_eq!(run["state"], "succeeded", "{run}");
    }
);

scenario!(
    a_permanent_code_that_was_revoked_says_that_the_corp_has_to_install_again,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let portal = portal_of(&fixture, &company).await;
        fixture.wecom.edit(|world| {
            let app = world.installed_mut(sample::CORP, sample::SUITE).unwrap();
            app.install.as_mut().unwrap().permanent_code = "another".to_owned();
        });
        fixture.wecom.expire_tokens(ForcedExpiry::Code40014);
        let page = portal
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
            .await;
        assert!(page.status >= 400 && page.body.contains("WC-116"), "{}", page.body);
        let run = fixture.sync(&company.source).await;
        assert_eq!(run["failure_number"], "SY-159", "{run}");
    }
);

scenario!(
    a_missing_licence_and_a_limit_are_told_by_their_names,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let portal = portal_of(&fixture, &company).await;
        for (path, errcode, number) in [
            ("/cgi-bin/user/get", 701_008, "WC-153"),
            ("/cgi-bin/service/auth/getuserinfo3rd", 45009, "WC-130"),
            ("/cgi-bin/service/auth/getuserinfo3rd", 60020, "WC-120"),
        ] {
            fixture.add_fault(Fault::new(path, FaultKind::Errcode(errcode)));
            let page = portal
                .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
                .await;
            assert!(
                page.status >= 400 && page.body.contains(number),
                "{errcode}: {}",
                page.body
            );
            fixture.mend_wecom();
        }
        portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
    }
);

// A member without a licence is one member who is not described, and not the end of a run.
scenario!(
    a_member_without_a_licence_does_not_keep_others_from_being_read,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let mut fault = Fault::new("/cgi-bin/user/get", FaultKind::Errcode(701_008));
        fault.about = Some(told(&fixture, sample::BY_PICK));
        fixture.add_fault(fault);
        let run = fixture.sync(&company.source).await;
        assert_eq!(run["state"], "incomplete", "{run}");
        assert_eq!(run["counts"]["departed"], 0, "{run}");
        let portal = portal_of(&fixture, &company).await;
        portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
    }
);

// Each try of the suite's credentials asks for a token; the one that serves must not pay for it.
scenario!(
    a_token_that_serves_survives_a_try_that_fails,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let suite = fixture.admin().items("suites").await.remove(0);
        let portal = portal_of(&fixture, &company).await;
        portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        for code in [60020, 45009, 40085] {
            fixture.advance(Duration::from_secs(1200));
            fixture.add_fault(Fault::new("/cgi-bin/service/get_suite_token", FaultKind::Errcode(code)));
            suites::ticket(&fixture).await;
            let path = format!("suites/{}/check", suite["id"].as_str().unwrap());
            fixture.admin().call("POST", &path, None).await;
            portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
            fixture.mend_wecom();
        }
        fixture.advance(Duration::from_secs(1200));
        suites::ticket(&fixture).await;
        portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
    }
);

scenario!(
    at_the_limit_of_calls_for_tokens_and_for_what_was_authorised_all_goes_on_and_is_mended_later,
    |fixture: Fixture| async move {
        let company = company(&fixture).await;
        let portal = portal_of(&fixture, &company).await;
        let installed = fixture.admin().items("installations").await.remove(0);
        for call in ["get_auth_info", "v2/get_auth_info"] {
            let path = format!("/cgi-bin/service/{call}");
            fixture.add_fault(Fault::new(&path, FaultKind::Errcode(45009)));
        }
        let check = format!("installations/{}/check", installed["id"].as_str().unwrap());
        let asked = fixture.admin().call("POST", &check, None).await;
        assert_eq!(asked.body["status"], "bound", "{}", asked.body);
        assert_eq!(asked.body["problems"].as_array().unwrap().len(), 1, "{}", asked.body);
        portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        fixture.mend_wecom();
        fixture.wecom.expire_tokens(ForcedExpiry::Code40014);
        fixture.add_fault(Fault::new("/cgi-bin/service/get_corp_token", FaultKind::Errcode(45009)));
        let page = portal
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
            .await;
        assert!(page.status >= 400 && page.location.is_none(), "{}", page.body);
        fixture.mend_wecom();
        // Whoever is refused for asking too often asks again after a minute.
        fixture.advance(Duration::from_secs(61));
        portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let asked = fixture.admin().call("POST", &check, None).await;
        assert_eq!(asked.body["problems"], serde_json::json!([]), "{}", asked.body);
    }
);
