//! Passkeys of a host that the installation had before: they work nowhere, so they count nowhere, and can be removed.

use serde_json::{Value, json};

use super::{operator, set_up};
use crate::{
    actors::{id, text},
    backends::execute,
    console::in_both_languages,
    fixture::Fixture,
    passkey_scenario,
};

/// What was set up until now was set up at another host.
async fn move_away(fixture: &Fixture) {
    execute(fixture.database_url(), "UPDATE passkey SET party = 'earlier.example'").await;
}

async fn ways(fixture: &Fixture, user: &str) -> Value {
    let path = format!("access-checks?client_id=wiki&user_id={user}");
    fixture.admin().get(&path).await["people"][0]["ways"].clone()
}

passkey_scenario!(
    a_passkey_of_an_earlier_host_is_no_way_in,
    |fixture: Fixture| async move {
        let (colleague, _) = operator(&fixture, "owner").await;
        let portal = fixture.portal("wiki", json!({})).await;
        let gone = format!("users/{}/password", colleague.id);
        assert_eq!(fixture.admin().call("DELETE", &gone, None).await.status, 204);
        let operators = async || fixture.admin().items("operators").await;
        assert_eq!(operators().await[0]["passkey_set"], true);
        assert_eq!(ways(&fixture, &colleague.id).await.as_array().unwrap().len(), 1);
        let login = fixture.browser().open(&portal.authorize_url(&[])).await;
        assert!(login.body.contains("data-passkey"), "{}", login.body);

        let owned = async || fixture.app.welcome_link().await.unwrap().is_none();
        assert!(owned().await, "somebody owns the console by a passkey alone");

        move_away(&fixture).await;
        assert!(!owned().await, "nobody gets in any more: the next start prints a link");
        assert_eq!(operators().await[0]["passkey_set"], false);
        assert_eq!(ways(&fixture, &colleague.id).await, json!([]));
        let login = fixture.browser().open(&portal.authorize_url(&[])).await;
        assert!(
            login.body.contains("SI-105"),
            "nobody can sign in there: {}",
            login.body
        );
        let listed = fixture.admin().get(&format!("users/{}/passkeys", colleague.id)).await;
        assert_eq!(text(&listed["items"][0], "host"), "earlier.example");
    }
);

passkey_scenario!(
    passkeys_of_an_earlier_host_take_nobody_s_place,
    |fixture: Fixture| async move {
        let (colleague, _) = operator(&fixture, "owner").await;
        let browser = colleague.browser(&fixture).await;
        for number in 2..=10 {
            set_up(&fixture, &browser, &format!("Key {number}")).await;
        }
        let at = format!("{}/account/passkeys", fixture.base);
        let full = browser.get(&at).await;
        assert!(full.body.contains("You have ten passkeys"), "{}", full.body);
        move_away(&fixture).await;
        for page in in_both_languages(&fixture, &browser, "/account/passkeys").await {
            assert!(page.body.contains("earlier.example"), "{}", page.body);
        }
        set_up(&fixture, &browser, "New").await;
        assert_eq!(
            fixture
                .admin()
                .call("DELETE", &format!("users/{}/totp", colleague.id), None)
                .await
                .status,
            204
        );
        let listed = fixture.admin().get(&format!("users/{}/passkeys", colleague.id)).await;
        let items = listed["items"].as_array().unwrap();
        let (old, new) = (&items[0], items.last().unwrap());
        assert_eq!((items.len(), text(new, "host")), (11, "localhost"));
        let page = async |passkey: &Value| browser.get(&format!("{at}/{}", id(passkey))).await;
        let (shown, last) = (page(old).await, page(new).await);
        assert!(!shown.body.contains("your only passkey"), "{}", shown.body);
        assert!(last.body.contains("your only passkey"), "{}", last.body);
        let removed = browser
            .submit(
                &format!("{at}/{}/remove", id(old)),
                &[("confirm", &shown.field("confirm"))],
            )
            .await;
        assert_eq!(removed.status, 200, "{}", removed.body);
    }
);
