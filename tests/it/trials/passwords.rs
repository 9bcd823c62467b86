//! Trials at portals with passwords: no session, no trusted browser, no one-time codes set up; counters as always.

use serde_json::{Value, json};
use simulator::sample;

use super::{make, nobody_is_signed_in, told};
use crate::{
    actors::{Admin, Browser, Page, text},
    console::Colleague,
    fixture::{ADMIN_TOKEN, Fixture},
    password::{BAD, GOOD, anna_and_portal, company, give_password, is_wrong, lets_in, sign_in, totp, type_in},
    scenario,
};

async fn by_password(browser: &Browser, trial: &Value, username: &str, password: &str) -> Page {
    let login = browser.open(text(trial, "url")).await;
    assert_eq!(login.status, 200, "{}", login.body);
    type_in(browser, &login, username, password).await
}

scenario!(a_password_in_a_trial_signs_nobody_in, |fixture: Fixture| async move {
    let (_, portal) = anna_and_portal(&fixture).await;
    let (trial, browser) = (make(&fixture, "wiki").await, fixture.browser());
    let wrong = by_password(&browser, &trial, "anna", BAD).await;
    assert!(wrong.body.contains("SI-201"), "{}", wrong.body);
    assert_eq!(told(&fixture, &trial).await["state"], "opened", "a slip is no outcome");
    let page = by_password(&browser, &trial, "anna", GOOD).await;
    assert!(page.status == 200 && page.body.contains("would work"), "{}", page.body);
    nobody_is_signed_in(&fixture, &portal, &browser).await;
    let ended = told(&fixture, &trial).await;
    assert_eq!(
        (&ended["state"], &ended["user"]["username"]),
        (&json!("permitted"), &json!("anna"))
    );
});

scenario!(
    a_one_time_code_or_recovery_code_in_a_trial_is_used_up_and_signs_nobody_in,
    |fixture: Fixture| async move {
        let (user, portal) = anna_and_portal(&fixture).await;
        let (app, recovery) = totp::set_up(&fixture, &user).await;
        fixture.advance(std::time::Duration::from_secs(60));
        for code in [app.shows(&fixture, 0), recovery[0].clone()] {
            let (trial, browser) = (make(&fixture, "wiki").await, fixture.browser());
            let asked = by_password(&browser, &trial, "anna", GOOD).await;
            assert!(asked.body.contains("the code is used up"), "{}", asked.body);
            let page = browser.submit(&asked.url, &[("code", &code)]).await;
            assert!(page.status == 200 && page.body.contains("would work"), "{}", page.body);
            nobody_is_signed_in(&fixture, &portal, &browser).await;
            assert_eq!(told(&fixture, &trial).await["state"], "permitted");
            let again = fixture.browser();
            let asked = sign_in(&portal, &again, "anna", GOOD).await;
            let wrong = again.submit(&asked.url, &[("code", &code)]).await;
            assert!(wrong.body.contains("SI-202") || wrong.status == 403, "{}", wrong.body);
        }
    }
);

scenario!(
    a_trial_sets_up_no_one_time_codes_and_refuses_as_a_sign_in_would,
    |fixture: Fixture| async move {
        let (_, user, _) = company(&fixture).await;
        let path = format!("users/{user}");
        fixture
            .admin()
            .change(&path, json!({ "console_role": "auditor" }))
            .await;
        // Who is given a role chooses a password anew.
        give_password(&fixture, &user, GOOD).await;
        let base = fixture.restart_with(&[("PASSWORD__TOTP", "required_for_admins")]).await;
        let admin = Admin::new(&fixture.http, &base, ADMIN_TOKEN);
        let made = async || admin.create("clients/wiki/trials", json!({})).await;
        let trial = made().await;
        let page = by_password(&fixture.browser(), &trial, sample::NORMAL, GOOD).await;
        assert!(page.status == 200 && page.body.contains("would work"), "{}", page.body);
        assert_eq!(admin.get(&path).await["totp_set"], false);
        // The password is not new any more: codes cannot be set up with it alone.
        fixture.advance(std::time::Duration::from_secs(25 * 3600));
        let trial = made().await;
        let page = by_password(&fixture.browser(), &trial, sample::NORMAL, GOOD).await;
        assert!(page.body.contains("SI-205"), "{}", page.body);
        let ended = admin.get(&format!("trials/{}", text(&trial, "id"))).await;
        assert_eq!(
            (&ended["state"], &ended["failure"]["number"]),
            (&json!("refused"), &json!("SI-205"))
        );
        let checks = ended["checks"].as_array().unwrap();
        assert!(checks.iter().all(|check| check["passed"].is_null()));
    }
);

scenario!(
    wrong_passwords_in_trials_count_as_everywhere,
    |fixture: Fixture| async move {
        let (_, portal) = anna_and_portal(&fixture).await;
        lets_in(&fixture, &portal, "anna", GOOD).await;
        let trial = make(&fixture, "wiki").await;
        for _ in 0..20 {
            by_password(&fixture.browser(), &trial, "anna", BAD).await;
        }
        is_wrong(&fixture, &portal, "anna", GOOD).await;
    }
);

scenario!(
    a_console_session_outlives_a_password_trial_of_somebody_else,
    |fixture: Fixture| async move {
        anna_and_portal(&fixture).await;
        let browser = Colleague::hire(&fixture, "admin").await.browser(&fixture).await;
        let cookies = (browser.cookie("menjin_session"), browser.cookie("menjin_known"));
        let trial = make(&fixture, "wiki").await;
        let page = by_password(&browser, &trial, "anna", GOOD).await;
        assert!(page.body.contains("would work"), "{}", page.body);
        assert_eq!(
            (browser.cookie("menjin_session"), browser.cookie("menjin_known")),
            cookies
        );
        let page = browser.open(&format!("{}/console", fixture.base)).await;
        assert_eq!(page.status, 200, "{}", page.body);
    }
);
