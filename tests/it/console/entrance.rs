//! Who gets into the console.

use std::time::Duration;

use serde_json::json;
use simulator::sample;

use super::Colleague;
use crate::{
    actors::{As, text},
    fixture::Fixture,
    password::{GOOD, give_password, sign_in, type_in},
    scenario,
};

scenario!(
    a_password_and_a_code_lead_back_to_the_page_that_was_wanted,
    |fixture: Fixture| async move {
        let owner = Colleague::hire(&fixture, "owner").await;
        let browser = fixture.browser();
        let page = owner.sign_in(&fixture, &browser, "/console/people?q=the-own").await;
        assert_eq!(
            (page.status, page.url.contains("/console/people?q=the-own")),
            (200, true),
            "{}",
            page.url
        );
        assert!(page.body.contains("the-owner</bdi></td>"), "{}", page.body);
        assert!(
            page.body.contains("/api/v1/users?q=the-own"),
            "the same over the API: {}",
            page.body
        );
    }
);

// Who has only a password sets up an authenticator app on the way, whatever `password.totp` says.
scenario!(
    a_password_alone_never_opens_the_console,
    |fixture: Fixture| async move {
        let user = json!({ "username": "alone", "console_role": "admin" });
        let user = fixture.admin().create("users", user).await;
        give_password(&fixture, text(&user, "id"), GOOD).await;
        let browser = fixture.browser();
        let login = browser.open(&format!("{}/console", fixture.base)).await;
        let enrol = type_in(&browser, &login, "alone", GOOD).await;
        assert!(enrol.body.contains("otpauth://"), "{}", enrol.body);
        let again = browser.open(&format!("{}/console/people", fixture.base)).await;
        assert!(again.url.contains("/signin/"), "{}", again.url);

        // A day later whoever found the password must not be the one who sets codes up.
        fixture.advance(Duration::from_secs(25 * 3600));
        let portal = fixture.portal("wiki", json!({})).await;
        for place in [format!("{}/console", fixture.base), portal.authorize_url(&[])] {
            let browser = fixture.browser();
            let login = browser.open(&place).await;
            let refused = type_in(&browser, &login, "alone", GOOD).await;
            let at_portal = place.contains("/oauth2/");
            assert_eq!(refused.body.contains("SI-205"), !at_portal, "{place}: {}", refused.body);
            assert!(!refused.body.contains("otpauth://"), "{place}: {}", refused.body);
        }
    }
);

// A session that was opened at a portal by password alone is asked for more at the console.
scenario!(
    a_session_by_password_alone_is_asked_for_a_code,
    |fixture: Fixture| async move {
        let user = json!({ "username": "both", "console_role": "auditor" });
        let user = fixture.admin().create("users", user).await;
        give_password(&fixture, text(&user, "id"), GOOD).await;
        let portal = fixture.portal("wiki", json!({})).await;
        let browser = fixture.browser();
        sign_in(&portal, &browser, "both", GOOD).await;
        portal.authorize_silently(&browser).await.returned("code").unwrap();
        let page = browser.open(&format!("{}/console", fixture.base)).await;
        assert!(page.url.contains("/signin/"), "{}", page.url);
    }
);

scenario!(
    an_operator_scans_and_an_employee_without_a_role_is_told_why_not,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let admin = fixture.admin();
        let user = admin.user_id(sample::NORMAL).await;
        let at = |path: &str| format!("{}{path}", fixture.base);

        let browser = fixture.browser();
        let login = browser.open(&at("/console")).await;
        let refused = fixture
            .phone()
            .sign_in_from(&browser, &login, As::Member(sample::NORMAL))
            .await;
        assert_eq!(refused.status, 403, "{}", refused.body);
        let trace = admin.trace(&refused.reference()).await;
        assert_eq!(
            (text(&trace, "number"), text(&trace, "client_id")),
            ("GT-112", "menjin-console")
        );

        admin
            .change(&format!("users/{user}"), json!({ "console_role": "auditor" }))
            .await;
        let browser = fixture.browser();
        let login = browser.open(&at("/console")).await;
        let page = fixture
            .phone()
            .sign_in_from(&browser, &login, As::Member(sample::NORMAL))
            .await;
        assert_eq!(
            (page.status, page.url.ends_with("/console")),
            (200, true),
            "{}",
            page.body
        );

        // Taken away, or disabled: out at the next page.
        admin
            .change(&format!("users/{user}"), json!({ "console_role": null }))
            .await;
        let page = browser.open(&at("/console/people")).await;
        assert_eq!(page.status, 403, "{}", page.body);
    }
);

scenario!(
    a_disabled_operator_is_out_of_the_console_at_once,
    |fixture: Fixture| async move {
        let colleague = Colleague::hire(&fixture, "admin").await;
        let browser = colleague.browser(&fixture).await;
        let path = format!("users/{}", colleague.id);
        fixture.admin().change(&path, json!({ "status": "disabled" })).await;
        let page = browser.open(&format!("{}/console/people", fixture.base)).await;
        assert!(page.url.contains("/signin/"), "{}", page.url);
    }
);

scenario!(
    an_act_that_gives_power_away_or_is_hard_to_take_back_asks_for_a_new_proof,
    |fixture: Fixture| async move {
        let owner = Colleague::hire(&fixture, "owner").await;
        let browser = owner.browser(&fixture).await;
        let portal = fixture.portal("wiki", json!({})).await;
        let at = |path: &str| format!("{}/console/{path}", fixture.base);
        let before = fixture.admin().items("api-tokens").await.len();
        let tokens = browser.open(&at("settings/tokens")).await;
        let confirm = tokens.field("confirm");
        let form = [("confirm", confirm.as_str()), ("name", "mine"), ("role", "owner")];

        fixture.advance(Duration::from_secs(16 * 60));
        let acts = ["delete", "secret", "edit", "allowed"].map(|act| format!("portals/{}/{act}", portal.id));
        let rest = ["settings/keys/rotate".to_owned(), format!("people/{}/role", owner.id)];
        for path in acts.iter().chain(&rest) {
            let page = browser.open(&at(path)).await;
            assert!(page.url.contains("/signin/"), "{path}: {}", page.url);
        }
        let sent = browser.submit(&at("settings/tokens"), &form).await;
        assert!(sent.url.contains("/signin/"), "{}", sent.url);
        assert_eq!(fixture.admin().items("api-tokens").await.len(), before);
        // Reading goes on, and the proof leads back.
        assert_eq!(browser.open(&at("portals")).await.status, 200);
        let path = format!("/console/portals/{}/delete", portal.id);
        let page = owner.sign_in(&fixture, &browser, &path).await;
        assert!(
            page.url.ends_with(&path) && page.status == 200,
            "{} {}",
            page.url,
            page.body
        );
    }
);
