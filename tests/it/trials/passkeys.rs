//! A trial that is gone through by passkey.

use serde_json::{Value, json};

use super::{make, told};
use crate::{
    actors::text,
    fixture::Fixture,
    passkey_scenario,
    passkeys::{operator, sign_in},
};

passkey_scenario!(a_passkey_in_a_trial_signs_nobody_in, |fixture: Fixture| async move {
    let (owner, passkey) = operator(&fixture, "owner").await;
    fixture.portal("wiki", json!({})).await;
    let before = fixture.admin().items("sessions").await;
    let (trial, browser) = (make(&fixture, "wiki").await, fixture.browser());
    let page = sign_in(&browser, text(&trial, "url"), &passkey).await;
    assert!(page.status == 200 && page.body.contains("would work"), "{}", page.body);
    assert!(browser.cookie("menjin_session").is_none());
    assert_eq!(fixture.admin().items("sessions").await, before);
    let ended = told(&fixture, &trial).await;
    assert_eq!(
        (&ended["state"], &ended["user"]["id"], &ended["failure"]),
        (&json!("permitted"), &json!(owner.id), &Value::Null)
    );
});
