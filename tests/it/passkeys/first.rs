//! The first passkey, instead of one-time codes, on the way in after a new password.

use std::time::Duration;

use serde_json::{Value, json};

use super::{challenged, operator, send_answer};
use crate::{
    actors::{Browser, Page, Passkey, text},
    fixture::Fixture,
    passkey_scenario,
    password::{GOOD, give_password, type_in},
};

/// An operator who has chosen a password just now.
async fn invited(fixture: &Fixture) -> String {
    let user = json!({ "username": "new", "console_role": "admin" });
    let user = fixture.admin().create("users", user).await;
    give_password(fixture, text(&user, "id"), GOOD).await;
    text(&user, "id").to_owned()
}

async fn to_enrolment(fixture: &Fixture, browser: &Browser) -> Page {
    let login = browser.open(&format!("{}/console", fixture.base)).await;
    type_in(browser, &login, "new", GOOD).await
}

/// Asks for the options on the page that offers codes or a passkey.
async fn asked(browser: &Browser, enrol: &Page) -> Value {
    let begin = format!("{}/begin", enrol.link("/passkey").split('?').next().unwrap());
    let begun = browser.post(&begin, &[]).await;
    assert_eq!(begun.status, 200, "{}", begun.body);
    serde_json::from_str(&begun.body).unwrap()
}

passkey_scenario!(
    an_invited_operator_sets_up_a_passkey_instead_of_codes,
    |fixture: Fixture| async move {
        invited(&fixture).await;
        let browser = fixture.browser();
        let enrol = to_enrolment(&fixture, &browser).await;
        assert!(
            enrol.body.contains("otpauth://") && enrol.body.contains("data-passkey"),
            "{}",
            enrol.body
        );
        let options = asked(&browser, &enrol).await;
        let mut passkey = Passkey::new(&fixture.base);
        let made = passkey.made(&options);
        let form = [("name", enrol.field("name")), ("credential", made)];
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let foreign = fixture.browser().post(&enrol.link("/passkey"), &form).await;
        assert!(
            foreign.status == 403 && foreign.body.contains("SI-103"),
            "{}",
            foreign.body
        );
        let login = browser.submit(&enrol.link("/passkey"), &form).await;
        assert!(login.body.contains("Your passkey is set up"), "{}", login.body);
        assert!(browser.cookie("menjin_session").is_none(), "it is proven first");
        let options = challenged(&browser, &login).await;
        let page = send_answer(&browser, &login, &passkey.answer(&options)).await;
        assert!(
            page.status == 200 && page.url.contains("/console"),
            "{} {}",
            page.url,
            page.body
        );

        // From now on the password alone sets up nothing more, however new it is.
        let refused = to_enrolment(&fixture, &fixture.browser()).await;
        assert!(
            refused.status == 403 && refused.body.contains("SI-229"),
            "{}",
            refused.body
        );
        // The pending sign-in is used up.
        let again = browser.post(&enrol.link("/passkey"), &form).await;
        assert!(again.status >= 400 && again.body.contains("SI-101"), "{}", again.body);
    }
);

passkey_scenario!(
    a_day_later_the_password_alone_sets_up_no_passkey,
    |fixture: Fixture| async move {
        invited(&fixture).await;
        fixture.advance(Duration::from_secs(25 * 3600));
        let refused = to_enrolment(&fixture, &fixture.browser()).await;
        assert!(
            refused.body.contains("SI-205") && !refused.body.contains("data-passkey"),
            "{}",
            refused.body
        );
    }
);

// What is not kept uses nothing up: the same page takes the next one.
passkey_scenario!(
    a_first_passkey_that_cannot_be_kept_can_be_tried_again,
    |fixture: Fixture| async move {
        let (_, known) = operator(&fixture, "owner").await;
        invited(&fixture).await;
        let browser = fixture.browser();
        let enrol = to_enrolment(&fixture, &browser).await;
        let mut twin = Passkey::new(&fixture.base);
        twin.id.clone_from(&known.id);
        for (mut passkey, said) in [
            (twin, "SI-225"),
            (Passkey::new(&fixture.base), "Your passkey is set up"),
        ] {
            let made = passkey.made(&asked(&browser, &enrol).await);
            let form = [("name", "Laptop"), ("credential", made.as_str())];
            let page = browser.submit(&enrol.link("/passkey"), &form).await;
            assert!(page.body.contains(said), "{said}: {}", page.body);
        }
    }
);
