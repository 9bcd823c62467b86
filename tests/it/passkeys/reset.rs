//! `menjin admin owner reset`: nothing from before signs in any more, passkeys included.

use serde_json::{Value, json};

use super::{operator, sign_in};
use crate::{
    actors::Browser,
    admin_command::{done, link},
    backends::Backend,
    console::Colleague,
    fixture::Fixture,
    passkey_scenario,
    password::{OTHER, choose},
};

/// An owner who signed in by passkey, and their browser.
async fn at_work(fixture: &Fixture) -> (Colleague, Browser) {
    fixture.advance_to_now();
    let (colleague, passkey) = operator(fixture, "owner").await;
    let browser = fixture.browser();
    let page = sign_in(&browser, &format!("{}/console", fixture.base), &passkey).await;
    assert_eq!(page.status, 200, "{}", page.body);
    (colleague, browser)
}

/// Nothing from before is left, and the link leads to a new password.
async fn is_reset(fixture: &Fixture, (colleague, browser): (&Colleague, &Browser), url: &str) {
    let user = fixture.admin().get(&format!("users/{}", colleague.id)).await;
    assert_eq!(
        (&user["password_set"], &user["totp_set"]),
        (&json!(false), &json!(false)),
        "{user}"
    );
    let listed = fixture.admin().get(&format!("users/{}/passkeys", colleague.id)).await;
    assert_eq!(listed["items"], json!([]));
    let console = format!("{}/console", fixture.base);
    let login = browser.open(&console).await;
    assert!(
        login.url.contains("/signin/") && !login.body.contains("data-passkey"),
        "{} {}",
        login.url,
        login.body
    );
    assert_eq!(choose(fixture, &link(url), OTHER).await.status, 200);
}

passkey_scenario!(
    an_owner_who_is_reset_over_the_api_has_no_passkey_left,
    |fixture: Fixture| async move {
        let (colleague, browser) = at_work(&fixture).await;
        let reset = [
            "owner",
            "reset",
            colleague.username.as_str(),
            "--server",
            fixture.base.as_str(),
        ];
        let url = done(&fixture, &reset).await;
        let events = fixture.admin().items("audit-events?kind=configured&limit=200").await;
        let about = |event: &&Value| event["subject"] == format!("user:{}", colleague.id);
        let told: Vec<&Value> = events.iter().filter(about).collect();
        assert_eq!(told[0]["detail"]["action"], "access reset", "the last of all: {told:?}");
        is_reset(&fixture, (&colleague, &browser), &url).await;
    }
);

/// On the database it is one change, told by one event: nobody is half reset.
#[actix_web::test]
async fn an_owner_who_is_reset_on_the_database_has_no_passkey_left() {
    let Some(fixture) = Fixture::at_localhost(Backend::PostgresRedis).await else {
        return;
    };
    let (colleague, browser) = at_work(&fixture).await;
    let url = done(&fixture, &["owner", "reset", colleague.username.as_str()]).await;
    let events = fixture.admin().items("audit-events?kind=configured&limit=200").await;
    let ours = |event: &&Value| event["actor"].as_str().is_some_and(|actor| actor.starts_with("cli:"));
    let told: Vec<&Value> = events.iter().filter(ours).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["detail"]["action"], "access reset");
    assert_eq!(told[0]["subject"], format!("user:{}", colleague.id));
    is_reset(&fixture, (&colleague, &browser), &url).await;
}
