//! What several do at once with passkeys, and what a sync makes of them.

use futures_util::future::join_all;
use serde_json::json;
use simulator::sample;

use super::{asked, operator, set_up};
use crate::{
    actors::{Passkey, id},
    fixture::Fixture,
    passkey_scenario,
    password::{GOOD, give_password, totp, type_in},
};

passkey_scenario!(of_parallel_tenth_passkeys_one_is_kept, |fixture: Fixture| async move {
    let (colleague, _) = operator(&fixture, "owner").await;
    let browser = colleague.browser(&fixture).await;
    for number in 2..=9 {
        set_up(&fixture, &browser, &format!("Key {number}")).await;
    }
    let mut forms = Vec::new();
    for number in 0..6 {
        let (options, confirm) = asked(&fixture, &browser).await;
        let made = Passkey::new(&fixture.base).made(&options);
        forms.push([
            ("confirm", confirm),
            ("name", format!("Tenth {number}")),
            ("credential", made),
        ]);
    }
    let at = format!("{}/account/passkeys", fixture.base);
    let sent = forms.iter().map(|form| {
        let (browser, at) = (&browser, &at);
        async move {
            let form = form.each_ref().map(|(name, value)| (*name, value.as_str()));
            browser.post(at, &form).await
        }
    });
    let replies = join_all(sent).await;
    let kept = replies.iter().filter(|reply| reply.status == 303).count();
    assert_eq!(
        kept,
        1,
        "{:?}",
        replies.iter().map(|reply| reply.status).collect::<Vec<_>>()
    );
    assert!(
        replies
            .iter()
            .all(|reply| reply.status == 303 || reply.body.contains("SI-224"))
    );
    let listed = fixture.admin().get(&format!("users/{}/passkeys", colleague.id)).await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 10);
});

// Whichever comes first: what is added before goes with the rest, and what comes later finds its session ended.
passkey_scenario!(
    a_passkey_that_is_added_while_its_owner_is_reset_does_not_stay,
    |fixture: Fixture| async move {
        let (colleague, _) = operator(&fixture, "owner").await;
        let browser = colleague.browser(&fixture).await;
        let mut forms = Vec::new();
        for number in 0..6 {
            let (options, confirm) = asked(&fixture, &browser).await;
            let made = Passkey::new(&fixture.base).made(&options);
            forms.push([
                ("confirm", confirm),
                ("name", format!("Key {number}")),
                ("credential", made),
            ]);
        }
        let at = format!("{}/account/passkeys", fixture.base);
        let sent = forms.iter().map(|form| {
            let (browser, at) = (&browser, &at);
            async move {
                let form = form.each_ref().map(|(name, value)| (*name, value.as_str()));
                browser.post(at, &form).await.status
            }
        });
        let reset = format!("users/{}/reset", colleague.id);
        let (admin, none) = (fixture.admin(), None);
        let (added, done) = futures_util::future::join(join_all(sent), admin.call("POST", &reset, none)).await;
        assert_eq!(done.status, 200, "{}", done.body);
        assert!(added.iter().all(|status| *status < 500), "{added:?}");
        let listed = fixture.admin().get(&format!("users/{}/passkeys", colleague.id)).await;
        assert_eq!(listed["items"], json!([]), "{added:?}");
    }
);

// Whoever had the account until now is not whom the company says it belongs to.
passkey_scenario!(
    an_account_that_a_sync_takes_over_keeps_no_passkey,
    |fixture: Fixture| async move {
        let user = json!({ "username": sample::NORMAL });
        let user = fixture.admin().create("users", user).await;
        give_password(&fixture, id(&user), GOOD).await;
        let (app, _) = totp::set_up(&fixture, id(&user)).await;
        fixture.advance(std::time::Duration::from_secs(60));
        let portal = fixture.portal("wiki", json!({})).await;
        let browser = fixture.browser();
        let login = browser.open(&portal.authorize_url(&[])).await;
        let code = type_in(&browser, &login, sample::NORMAL, GOOD).await;
        totp::enter(&browser, &code, &app.shows(&fixture, 0)).await;
        set_up(&fixture, &browser, "Phone").await;
        let source = fixture.connect().await;
        let taken = fixture.admin().get(&format!("users/{}", id(&user))).await;
        assert_eq!(taken["data_source_id"], source["id"], "{taken}");
        let listed = fixture.admin().get(&format!("users/{}/passkeys", id(&user))).await;
        assert_eq!(listed["items"], json!([]));
        assert_eq!(
            (&taken["password_set"], &taken["totp_set"]),
            (&json!(false), &json!(false))
        );
    }
);
