//! Passkeys of others: the admin API, the console, and the doctor.

use serde_json::json;

use super::{operator, set_up, sign_in};
use crate::{
    actors::text,
    console::{at_work, in_both_languages, sent},
    fixture::Fixture,
    passkey_scenario,
    password::{GOOD, anna, totp, type_in},
};

passkey_scenario!(
    admins_see_and_remove_passkeys_on_the_page_of_ways_in,
    |fixture: Fixture| async move {
        let (colleague, _) = operator(&fixture, "operator").await;
        let owner = at_work(&fixture, "owner").await;
        let at = format!("/console/people/{}/ways-in", colleague.id);
        for page in in_both_languages(&fixture, &owner, &at).await {
            assert!(page.body.contains("<bdi>Laptop</bdi>"), "{}", page.body);
        }
        let listed = fixture.admin().get(&format!("users/{}/passkeys", colleague.id)).await;
        let id = text(&listed["items"][0], "id");
        let act = format!("/console/people/{}/remove-passkey", colleague.id);
        let page = sent(&fixture, &owner, &act, &[("passkey", id)]).await;
        assert!(page.status == 200 && !page.body.contains("Laptop"), "{}", page.body);
        let gone = sent(&fixture, &owner, &act, &[("passkey", id)]).await;
        assert!(gone.body.contains("SI-227"), "{}", gone.body);
        let listed = fixture.admin().get(&format!("users/{}/passkeys", colleague.id)).await;
        assert_eq!(listed["items"].as_array().unwrap().len(), 0, "{listed}");
    }
);

// An operator looks after people without a console role, as with one-time codes.
passkey_scenario!(
    an_operator_removes_no_passkey_of_a_colleague,
    |fixture: Fixture| async move {
        let (colleague, passkey) = operator(&fixture, "owner").await;
        let path = format!("users/{}/passkeys", colleague.id);
        let helper = fixture.admin_with_role("operator").await;
        let listed = helper.get(&path).await;
        let refused = helper
            .call("DELETE", &format!("{path}/{}", text(&listed["items"][0], "id")), None)
            .await;
        assert!(
            refused.status == 403 && refused.body["number"] == "DI-107",
            "{}",
            refused.body
        );
        let missing = fixture
            .admin()
            .call("GET", "users/0199c0de-7a00-7000-8000-000000000001/passkeys", None)
            .await;
        assert_eq!(missing.status, 404, "{}", missing.body);
        let page = sign_in(&fixture.browser(), &format!("{}/console", fixture.base), &passkey).await;
        assert_eq!(page.status, 200, "{}", page.body);
    }
);

passkey_scenario!(
    the_doctor_says_where_passkeys_stopped_working,
    |fixture: Fixture| async move {
        operator(&fixture, "owner").await;
        let well = fixture.admin().get("doctor").await.to_string();
        assert!(!well.contains("DR-174"), "{well}");
        let served = fixture.serve_with(|_| {}).await;
        let admin = crate::actors::Admin::new(&fixture.http, &served.base, crate::fixture::ADMIN_TOKEN);
        let found = admin.get("doctor").await.to_string();
        assert!(found.contains("DR-174"), "{found}");
    }
);

// Whoever could change how somebody signs in could do so until now, so nothing from before signs an operator in.
passkey_scenario!(
    who_is_made_an_operator_keeps_no_passkey_from_before,
    |fixture: Fixture| async move {
        let user = anna(&fixture).await;
        let (app, _) = totp::set_up(&fixture, &user).await;
        fixture.advance(std::time::Duration::from_secs(60));
        let portal = fixture.portal("wiki", json!({})).await;
        let browser = fixture.browser();
        let login = browser.open(&portal.authorize_url(&[])).await;
        let code = type_in(&browser, &login, "anna", GOOD).await;
        totp::enter(&browser, &code, &app.shows(&fixture, 0)).await;
        set_up(&fixture, &browser, "Phone").await;
        let path = format!("users/{user}/passkeys");
        assert_ne!(fixture.admin().get(&path).await["items"], json!([]));
        let role = json!({ "console_role": "auditor" });
        fixture.admin().change(&format!("users/{user}"), role).await;
        assert_eq!(fixture.admin().get(&path).await["items"], json!([]));
    }
);
