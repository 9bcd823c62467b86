//! One-time links: invitation, reset, and what a password must be.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use simulator::sample;

use super::{
    GOOD, OTHER, anna, anna_and_portal, choose, connect_with_password, give_password, is_wrong, lets_in, link,
    local_user, sign_in,
};
use crate::{
    actors::{As, id},
    fixture::Fixture,
    scenario,
};

scenario!(
    nobody_has_a_password_before_they_chose_one,
    |fixture: Fixture| async move {
        let bernd = local_user(&fixture, "bernd").await;
        let (_, portal) = anna_and_portal(&fixture).await;
        for guess in ["", "bernd", "password", "menjin", "changeme"] {
            is_wrong(&fixture, &portal, "bernd", guess).await;
        }
        let made = link(&fixture, &bernd).await;
        assert_eq!(made["kind"], "invitation");
        let url = made["url"].as_str().unwrap();
        assert!(url.starts_with(&format!("{}/password/", fixture.base)), "{url}");
        assert_eq!(
            made["expires_at"].as_i64().unwrap(),
            (crate::fixture::START + 24 * 3600) * 1000
        );
        // Chat programs look at links before people do.
        for _ in 0..3 {
            let page = fixture.browser().get(url).await;
            assert!(page.status == 200 && page.body.contains("bernd"), "{}", page.body);
        }
        assert_eq!(choose(&fixture, &made, GOOD).await.status, 200);
        lets_in(&fixture, &portal, "bernd", GOOD).await;
        assert_eq!(link(&fixture, &bernd).await["kind"], "reset");
    }
);

scenario!(
    a_link_works_once_and_only_the_newest_for_a_day,
    |fixture: Fixture| async move {
        let user = anna(&fixture).await;
        let (old, new) = (link(&fixture, &user).await, link(&fixture, &user).await);
        let dead = choose(&fixture, &old, OTHER).await;
        assert!(
            dead.status == 404 && dead.body.contains("SI-203"),
            "replaced: {}",
            dead.body
        );
        assert_eq!(choose(&fixture, &new, OTHER).await.status, 200);
        assert_eq!(choose(&fixture, &new, OTHER).await.status, 404, "used");
        assert_eq!(
            fixture.browser().get(new["url"].as_str().unwrap()).await.status,
            404,
            "used"
        );
        let late = link(&fixture, &user).await;
        fixture.advance(Duration::from_secs(24 * 3600));
        assert_eq!(choose(&fixture, &late, OTHER).await.status, 404, "too old");
        let gone = link(&fixture, &user).await;
        let path = format!("users/{user}/password");
        assert_eq!(fixture.admin().call("DELETE", &path, None).await.status, 204);
        assert_eq!(choose(&fixture, &gone, OTHER).await.status, 404, "the password changed");
    }
);

scenario!(
    of_100_parallel_uses_of_one_link_exactly_one_wins,
    |fixture: Fixture| async move {
        let user = local_user(&fixture, "anna").await;
        let made = link(&fixture, &user).await;
        let passwords: Vec<String> = (0..100)
            .map(|number| format!("a walk number {number} to the sea"))
            .collect();
        let pages = join_all(passwords.iter().map(|password| choose(&fixture, &made, password))).await;
        let won: Vec<usize> = (0..pages.len()).filter(|at| pages[*at].status == 200).collect();
        assert_eq!(
            won.len(),
            1,
            "{:?}",
            pages.iter().map(|page| page.status).collect::<Vec<_>>()
        );
        assert!(pages.iter().all(|page| [200, 404, 503].contains(&page.status)));
        let portal = fixture.portal("wiki", json!({})).await;
        let page = sign_in(&portal, &fixture.browser(), "anna", &passwords[won[0]]).await;
        assert!(page.returned("code").is_some(), "the winner's password is the one");
    }
);

scenario!(
    a_new_password_ends_all_sessions_and_unlocks,
    |fixture: Fixture| async move {
        let (user, portal) = anna_and_portal(&fixture).await;
        let browser = fixture.browser();
        let page = sign_in(&portal, &browser, "anna", GOOD).await;
        let tokens = portal.redeem(&page.returned("code").unwrap()).await.body;
        for _ in 0..10 {
            sign_in(&portal, &fixture.browser(), "anna", "wrong wrong wrong").await;
        }
        // Locked.
        is_wrong(&fixture, &portal, "anna", GOOD).await;
        give_password(&fixture, &user, OTHER).await;
        portal.assert_signed_out(&browser).await;
        let renewed = portal.refresh(tokens["refresh_token"].as_str().unwrap()).await;
        assert_eq!(renewed.refusal(), (400, "invalid_grant"));
        lets_in(&fixture, &portal, "anna", OTHER).await;
        // The old one.
        is_wrong(&fixture, &portal, "anna", GOOD).await;
    }
);

scenario!(a_password_taken_away_leads_nowhere, |fixture: Fixture| async move {
    let user = anna(&fixture).await;
    let other = local_user(&fixture, "carla").await;
    give_password(&fixture, &other, GOOD).await;
    let portal = fixture.portal("wiki", json!({})).await;
    let browser = fixture.browser();
    let page = sign_in(&portal, &browser, "anna", GOOD).await;
    assert!(page.returned("code").is_some(), "{}", page.body);
    let path = format!("users/{user}/password");
    assert_eq!(fixture.admin().call("DELETE", &path, None).await.status, 204);
    assert_eq!(
        fixture.admin().call("DELETE", &path, None).await.status,
        204,
        "twice is no error"
    );
    portal.assert_signed_out(&browser).await;
    is_wrong(&fixture, &portal, "anna", GOOD).await;
    assert_eq!(
        fixture.admin().get(&format!("users/{user}")).await["password_set"],
        false
    );
});

scenario!(
    unfit_passwords_are_said_and_use_nothing_up,
    |fixture: Fixture| async move {
        let user = local_user(&fixture, "annabella").await;
        let made = link(&fixture, &user).await;
        let long = "lorem ipsum ".repeat(30);
        for (password, sentence) in [
            ("so short", "too short"),
            (long.as_str(), "too long"),
            ("Annabella2026", "must not be your username"),
            ("password1234", "everybody tries first"),
            ("aaaaaaaaaaaa", "everybody tries first"),
        ] {
            let page = choose(&fixture, &made, password).await;
            assert_eq!(page.status, 400, "{password}");
            assert!(page.body.contains(sentence), "{password}: {}", page.body);
            assert!(!page.body.contains(password), "what was typed is not shown");
        }
        let form = [("password", GOOD), ("again", OTHER)];
        let page = fixture
            .browser()
            .in_chinese()
            .post(made["url"].as_str().unwrap(), &form)
            .await;
        assert!(page.body.contains("两次输入的密码不一致"), "{}", page.body);
        assert_eq!(fixture.app.password_hashes(), 0);
        assert_eq!(choose(&fixture, &made, GOOD).await.status, 200);
    }
);

scenario!(
    an_operator_cannot_become_an_admin_by_resetting_their_password,
    |fixture: Fixture| async move {
        let chief = fixture
            .admin()
            .create("users", json!({ "username": "chief", "console_role": "admin" }))
            .await;
        let chief = id(&chief);
        let plain = local_user(&fixture, "plain").await;
        let operator = fixture.admin_with_role("operator").await;
        let auditor = fixture.admin_with_role("auditor").await;
        for (method, thing) in [
            ("POST", "password-link"),
            ("POST", "totp-link"),
            ("DELETE", "password"),
            ("DELETE", "totp"),
        ] {
            let reply = operator.call(method, &format!("users/{chief}/{thing}"), None).await;
            assert_eq!(reply.refusal(), (403, "DI-107"), "{thing}");
            let reply = operator.call(method, &format!("users/{plain}/{thing}"), None).await;
            assert!(reply.status < 300, "{thing}: {}", reply.body);
            let reply = auditor.call(method, &format!("users/{plain}/{thing}"), None).await;
            assert_eq!(reply.status, 403, "{thing}");
            for nobody in ["00000000-0000-7000-8000-000000000000", "x"] {
                let path = format!("users/{nobody}/{thing}");
                assert_eq!(fixture.admin().call(method, &path, None).await.status, 404);
            }
        }
    }
);

scenario!(
    who_becomes_a_console_user_starts_without_what_others_prepared,
    |fixture: Fixture| async move {
        let user = local_user(&fixture, "plain").await;
        give_password(&fixture, &user, GOOD).await;
        let portal = fixture.portal("wiki", json!({})).await;
        let browser = fixture.browser();
        sign_in(&portal, &browser, "plain", GOOD).await;
        let kept = link(&fixture, &user).await;
        fixture
            .admin()
            .change(&format!("users/{user}"), json!({ "console_role": "admin" }))
            .await;
        let page = choose(&fixture, &kept, GOOD).await;
        assert!(page.body.contains("SI-203"), "{}", page.body);
        let shown = fixture.admin().get(&format!("users/{user}")).await;
        assert_eq!(
            (&shown["password_set"], &shown["totp_set"]),
            (&json!(false), &json!(false))
        );
        portal.assert_signed_out(&browser).await;
        // Another change of the same person later takes nothing away.
        give_password(&fixture, &user, GOOD).await;
        fixture
            .admin()
            .change(&format!("users/{user}"), json!({ "console_role": "admin" }))
            .await;
        let shown = fixture.admin().get(&format!("users/{user}")).await;
        assert_eq!(shown["password_set"], true);
    }
);

scenario!(
    an_operator_cannot_sign_a_console_user_out,
    |fixture: Fixture| async move {
        let chief = json!({ "username": "chief", "console_role": "admin" });
        let chief = fixture.admin().create("users", chief).await;
        let chief = id(&chief);
        give_password(&fixture, chief, GOOD).await;
        let portal = fixture.portal("wiki", json!({})).await;
        let browser = fixture.browser();
        sign_in(&portal, &browser, "chief", GOOD).await;
        let listed = fixture.admin().get(&format!("sessions?user_id={chief}")).await;
        let session = listed["items"][0]["id"].as_str().unwrap();
        let operator = fixture.admin_with_role("operator").await;
        for path in [
            format!("sessions/{session}"),
            format!("users/{chief}/sessions"),
            format!("users/{chief}/consents"),
            format!("users/{chief}/consents/wiki"),
        ] {
            let reply = operator.call("DELETE", &path, None).await;
            assert_eq!(reply.refusal(), (403, "DI-107"), "{path}");
        }
        let silent = portal.authorize_silently(&browser).await;
        assert!(silent.returned("code").is_some(), "{:?}", silent.location);
    }
);

scenario!(
    whoever_made_and_used_a_link_is_told_to_its_person_and_to_auditors,
    |fixture: Fixture| async move {
        let (_, user) = connect_with_password(&fixture).await;
        let portal = fixture.portal("wiki", json!({})).await;
        let operator = fixture.admin_with_role("operator").await;
        // The person scans, and is told of the link of their own invitation, once.
        let browser = fixture.browser();
        portal.tokens(&fixture, &browser, sample::NORMAL).await;
        // An operator makes a link and uses it.
        fixture.advance(Duration::from_secs(1));
        let made = operator.create(&format!("users/{user}/password-link"), json!({})).await;
        let form = [("password", OTHER), ("again", OTHER)];
        let thief = fixture.browser().at_address("198.51.100.7");
        assert_eq!(thief.post(made["url"].as_str().unwrap(), &form).await.status, 200);

        let address = portal.to_callback(&fixture, &browser, As::Member(sample::NORMAL)).await;
        let to_notice = browser.get(&address).await;
        let notice = to_notice.location.unwrap();
        assert!(notice.contains("/signin/notice/"), "{notice}");
        let elsewhere = fixture.browser().get(&notice).await;
        assert!(
            elsewhere.status == 403 && elsewhere.body.contains("SI-103"),
            "{}",
            elsewhere.body
        );
        let page = browser.get(&notice).await;
        for word in ["made by operator", "used to choose a password", "198.51.100.7"] {
            assert!(page.body.contains(word), "{word}: {}", page.body);
        }
        let onward = browser.open(&page.link("/oauth2/")).await;
        assert!(onward.returned("code").is_some(), "{}", onward.body);
        let other = fixture.browser();
        let again = other
            .get(&portal.to_callback(&fixture, &other, As::Member(sample::NORMAL)).await)
            .await;
        assert!(!again.location.unwrap().contains("/signin/notice/"), "told once");
        let account = browser.get(&format!("{}/account", fixture.base)).await;
        assert!(
            account.body.contains("198.51.100.7"),
            "but shown there: {}",
            account.body
        );

        let events = fixture.admin().items("audit-events?kind=configured&limit=200").await;
        // The admin's own link, by which the person got the password before, is on record as well.
        for (maker, address) in [("token:bootstrap", "127.0.0.1"), ("token:operator", "198.51.100.7")] {
            let subject = format!("user:{user}");
            let of = |action: &str, who: &dyn Fn(&Value) -> bool| {
                let found = events
                    .iter()
                    .filter(|event| event["detail"]["action"] == action && who(event));
                found.filter(|event| event["subject"] == subject.as_str()).count()
            };
            assert_eq!(
                of("password link made", &|event| event["actor"] == maker),
                1,
                "{events:?}"
            );
            let used =
                |event: &Value| event["detail"]["link_made_by"] == maker && event["detail"]["address"] == address;
            assert_eq!(of("password chosen", &used), 1, "{events:?}");
        }
    }
);

scenario!(
    an_operator_makes_no_link_for_somebody_with_a_console_role,
    |fixture: Fixture| async move {
        let user = anna(&fixture).await;
        let operator = fixture.admin_with_role("operator").await;
        fixture
            .admin()
            .change(&format!("users/{user}"), json!({ "console_role": "auditor" }))
            .await;
        for kind in ["password-link", "totp-link"] {
            let reply = operator
                .call("POST", &format!("users/{user}/{kind}"), Some(json!({})))
                .await;
            assert_eq!(reply.refusal(), (403, "DI-107"), "{kind}");
        }
    }
);
