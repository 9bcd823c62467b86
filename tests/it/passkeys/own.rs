//! The page of one's own passkeys.

use std::time::Duration;

use simulator::sample;

use super::{WRONG, asked, operator, send_made, set_up, sign_in};
use crate::{
    actors::{As, Passkey, text},
    console::{Colleague, in_both_languages},
    fixture::Fixture,
    passkey_scenario,
    password::{GOOD, anna_and_portal, give_password},
    scenario,
};

passkey_scenario!(passkeys_are_listed_renamed_and_removed, |fixture: Fixture| async move {
    let colleague = Colleague::hire(&fixture, "owner").await;
    let browser = colleague.browser(&fixture).await;
    set_up(&fixture, &browser, "Laptop").await;
    for page in in_both_languages(&fixture, &browser, "/account/passkeys").await {
        assert!(
            page.body.contains("Laptop") && !page.body.contains("passkeys-"),
            "{}",
            page.body
        );
    }
    let listed = fixture.admin().get(&format!("users/{}/passkeys", colleague.id)).await;
    let at = format!("{}/account/passkeys/{}", fixture.base, text(&listed["items"][0], "id"));
    let one = browser.get(&at).await;
    assert!(!one.body.contains("your only passkey"), "there are codes: {}", one.body);
    let confirm = one.field("confirm");
    let page = browser
        .submit(&format!("{at}/name"), &[("confirm", &confirm), ("name", " 办公室 ")])
        .await;
    assert!(
        page.body.contains(">办公室<") && !page.body.contains(">Laptop<"),
        "{}",
        page.body
    );
    for name in ["", "a\nb", &"x".repeat(65)] {
        let refused = browser
            .post(&format!("{at}/name"), &[("confirm", &confirm), ("name", name)])
            .await;
        assert!(
            refused.status == 400 && refused.body.contains("SI-226"),
            "{}",
            refused.body
        );
    }
    let page = browser.submit(&format!("{at}/remove"), &[("confirm", &confirm)]).await;
    assert!(page.status == 200 && !page.body.contains("办公室"), "{}", page.body);
    assert_eq!(browser.get(&at).await.status, 404);
    // Nobody has one now, so the page offers none.
    let login = fixture.browser().open(&format!("{}/console", fixture.base)).await;
    assert!(!login.body.contains("data-passkey"), "{}", login.body);

    let events = fixture.admin().get("audit-events?limit=100").await.to_string();
    for told in ["passkey added", "passkey renamed", "passkey removed"] {
        assert!(events.contains(told), "{told}: {events}");
    }
});

passkey_scenario!(
    the_only_way_in_is_removed_with_a_warning,
    |fixture: Fixture| async move {
        let (colleague, passkey) = operator(&fixture, "admin").await;
        fixture
            .admin()
            .call("DELETE", &format!("users/{}/totp", colleague.id), None)
            .await;
        let browser = fixture.browser();
        sign_in(&browser, &format!("{}/console", fixture.base), &passkey).await;
        let listed = fixture.admin().get(&format!("users/{}/passkeys", colleague.id)).await;
        let at = format!("{}/account/passkeys/{}", fixture.base, text(&listed["items"][0], "id"));
        let one = browser.get(&at).await;
        assert!(one.body.contains("your only passkey"), "{}", one.body);
        let page = browser
            .submit(&format!("{at}/remove"), &[("confirm", &one.field("confirm"))])
            .await;
        assert_eq!(page.status, 200, "{}", page.body);
    }
);

passkey_scenario!(
    a_passkey_is_set_up_by_a_strong_and_fresh_proof_only,
    |fixture: Fixture| async move {
        let at = |path: &str| format!("{}/account/passkeys{path}", fixture.base);
        let nobody = fixture.browser();
        assert!(nobody.get(&at("")).await.body.contains("SI-230"));
        let refused = nobody.post(&at("/begin"), &[("confirm", "x")]).await;
        assert!(
            refused.status == 403 && refused.body.contains("SI-230"),
            "{}",
            refused.body
        );

        // A password alone is no proof, however fresh.
        let (_, portal) = anna_and_portal(&fixture).await;
        let browser = fixture.browser();
        crate::password::sign_in(&portal, &browser, "anna", GOOD).await;
        let page = browser.get(&at("")).await;
        assert!(
            page.body.contains("/passkeys/prove") && !page.body.contains("data-passkey"),
            "{}",
            page.body
        );
        let confirm = menjin::crypto::digest::sha256_base64url(
            format!("confirm passkeys:{}", browser.cookie("menjin_session").unwrap()).as_bytes(),
        );
        let refused = browser.post(&at("/begin"), &[("confirm", &confirm)]).await;
        assert!(
            refused.status == 403 && refused.body.contains("SI-222"),
            "{}",
            refused.body
        );
        let refused = browser.post(&at("/begin"), &[("confirm", "another")]).await;
        assert!(
            refused.status == 403 && refused.body.contains("SI-231"),
            "{}",
            refused.body
        );

        // A quarter of an hour later a strong one counts no more, until it is given again.
        let colleague = Colleague::hire(&fixture, "owner").await;
        let browser = colleague.browser(&fixture).await;
        let (options, confirm) = asked(&fixture, &browser).await;
        fixture.advance(Duration::from_secs(15 * 60));
        let made = Passkey::new(&fixture.base).made(&options);
        let refused = send_made(&fixture, &browser, &confirm, ("Laptop", &made)).await;
        assert!(
            refused.status == 403 && refused.body.contains("SI-222"),
            "{}",
            refused.body
        );
        let login = browser.open(&at("/prove")).await;
        let code = crate::password::type_in(&browser, &login, &colleague.username, GOOD).await;
        let page = browser
            .submit(&code.url, &[("code", &colleague.app.shows(&fixture, 0))])
            .await;
        assert!(
            page.url.contains("/account/passkeys") && page.body.contains("data-passkey"),
            "{}",
            page.body
        );
        set_up(&fixture, &browser, "Laptop").await;
    }
);

passkey_scenario!(
    a_credential_is_registered_once_and_ten_are_enough,
    |fixture: Fixture| async move {
        let colleague = Colleague::hire(&fixture, "owner").await;
        let browser = colleague.browser(&fixture).await;
        let mut passkey = set_up(&fixture, &browser, "Laptop").await;
        let other = Colleague::hire(&fixture, "admin").await;
        let theirs = other.browser(&fixture).await;
        let (options, confirm) = asked(&fixture, &theirs).await;
        assert_eq!(options["authenticatorSelection"]["residentKey"], "required");
        let owner = passkey.owner.clone();
        let made = passkey.made(&options);
        let refused = send_made(&fixture, &theirs, &confirm, ("Copy", &made)).await;
        assert!(
            refused.status == 409 && refused.body.contains("SI-225"),
            "{}",
            refused.body
        );
        passkey.owner = owner;
        for number in 2..=10 {
            set_up(&fixture, &browser, &format!("Number {number}")).await;
        }
        let page = browser.get(&format!("{}/account/passkeys", fixture.base)).await;
        assert!(
            page.body.contains("ten passkeys") && !page.body.contains("data-passkey"),
            "{}",
            page.body
        );
        let confirm = menjin::crypto::digest::sha256_base64url(
            format!("confirm passkeys:{}", browser.cookie("menjin_session").unwrap()).as_bytes(),
        );
        let begin = format!("{}/account/passkeys/begin", fixture.base);
        let refused = browser.post(&begin, &[("confirm", &confirm)]).await;
        assert!(
            refused.status == 409 && refused.body.contains("SI-224"),
            "{}",
            refused.body
        );
        let page = sign_in(&fixture.browser(), &format!("{}/console", fixture.base), &passkey).await;
        assert_eq!(page.status, 200, "{}", page.body);
    }
);

passkey_scenario!(what_is_no_new_passkey_is_refused, |fixture: Fixture| async move {
    let colleague = Colleague::hire(&fixture, "owner").await;
    let browser = colleague.browser(&fixture).await;
    type Change = fn(&mut Passkey);
    let changes: [Change; 3] = [
        |passkey| passkey.origin = "https://evil.example".to_owned(),
        |passkey| passkey.party = "evil.example".to_owned(),
        |passkey| passkey.flags = crate::actors::PRESENT,
    ];
    for change in changes {
        let (options, confirm) = asked(&fixture, &browser).await;
        let mut passkey = Passkey::new(&fixture.base);
        change(&mut passkey);
        let made = passkey.made(&options);
        let refused = send_made(&fixture, &browser, &confirm, ("Laptop", &made)).await;
        assert!(
            refused.status == 400 && refused.body.contains("SI-223"),
            "{}",
            refused.body
        );
    }
    let (options, confirm) = asked(&fixture, &browser).await;
    let made = Passkey::new(&fixture.base).made(&options);
    for rubbish in [
        "",
        "{}",
        "[]",
        "\u{0}",
        &made.replace("attestationObject\":\"", "attestationObject\":\"AAAA"),
    ] {
        let refused = send_made(&fixture, &browser, &confirm, ("Laptop", rubbish)).await;
        assert!(
            refused.status == 400 && refused.body.contains("SI-223"),
            "{rubbish}: {}",
            refused.body
        );
    }
    let (options, confirm) = asked(&fixture, &browser).await;
    let made = Passkey::new(&fixture.base).made(&options);
    let hidden = made.replace("\"rk\":true", "\"rk\":false");
    let refused = send_made(&fixture, &browser, &confirm, ("Laptop", &hidden)).await;
    assert!(
        refused.status == 400 && refused.body.contains("SI-228"),
        "{}",
        refused.body
    );
    // Used up by the try before.
    let refused = send_made(&fixture, &browser, &confirm, ("Laptop", &made)).await;
    assert!(
        refused.status == 400 && refused.body.contains("SI-223"),
        "{}",
        refused.body
    );
    assert!(!refused.body.contains(WRONG));
});

passkey_scenario!(
    whoever_never_types_a_password_is_offered_none,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let browser = fixture.browser();
        let login = browser.open(&portal.authorize_url(&[])).await;
        fixture
            .phone()
            .sign_in_from(&browser, &login, As::Member(sample::NORMAL))
            .await;
        let page = browser.get(&format!("{}/account/passkeys", fixture.base)).await;
        assert!(
            page.body.contains("do not sign in with one") && !page.body.contains("data-passkey"),
            "{}",
            page.body
        );
        let begin = format!("{}/account/passkeys/begin", fixture.base);
        let refused = browser.post(&begin, &[("confirm", &page_token(&browser))]).await;
        assert!(
            refused.status == 403 && refused.body.contains("SI-232"),
            "{}",
            refused.body
        );
        // With a password it is for them, and a scan proves enough.
        let user = fixture.admin().user_id(sample::NORMAL).await;
        give_password(&fixture, &user, GOOD).await;
        let browser = fixture.browser();
        let login = browser.open(&portal.authorize_url(&[])).await;
        fixture
            .phone()
            .sign_in_from(&browser, &login, As::Member(sample::NORMAL))
            .await;
        set_up(&fixture, &browser, "Phone").await;
    }
);

fn page_token(browser: &crate::actors::Browser) -> String {
    let cookie = browser.cookie("menjin_session").unwrap();
    menjin::crypto::digest::sha256_base64url(format!("confirm passkeys:{cookie}").as_bytes())
}

scenario!(
    where_browsers_have_no_passkeys_none_are_offered,
    |fixture: Fixture| async move {
        let colleague = Colleague::hire(&fixture, "owner").await;
        let browser = colleague.browser(&fixture).await;
        let account = browser.get(&format!("{}/account", fixture.base)).await;
        assert!(!account.body.contains("/account/passkeys"), "{}", account.body);
        let page = browser.get(&format!("{}/account/passkeys", fixture.base)).await;
        assert!(page.status == 404 && page.body.contains("SI-221"), "{}", page.body);
    }
);
