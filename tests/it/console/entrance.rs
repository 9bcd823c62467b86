//! Who gets into the console.

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
        assert!(page.body.contains("the-owner"), "{}", page.body);
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
