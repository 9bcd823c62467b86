//! What is shown once is made once: a form sent again by a double click or a reload is answered as the first time.

use futures_util::future::join_all;
use serde_json::json;

use super::{at_work, send, shown};
use crate::{actors::id, fixture::Fixture, scenario};

/// What stands in the first block that can be copied.
fn block(body: &str) -> &str {
    let (_, rest) = body.split_once("<pre><code>").unwrap_or_else(|| panic!("{body}"));
    rest.split_once("</code>").unwrap().0
}

scenario!(a_form_sent_twice_makes_its_secret_once, |fixture: Fixture| async move {
    let owner = at_work(&fixture, "owner").await;
    let once = shown(&fixture, &owner, "/console/settings/tokens").await.field("once");
    let again = shown(&fixture, &owner, "/console/settings/tokens").await.field("once");
    assert_ne!(once, again, "each page that is shown has another");
    let token = |once: String| {
        let (fixture, owner) = (&fixture, &owner);
        async move {
            let fields = [("name", "nightly"), ("role", "auditor"), ("once", once.as_str())];
            let made = send(fixture, owner, "/console/settings/tokens", &fields).await;
            assert_eq!(made.status, 200, "{}", made.body);
            block(&made.body).to_owned()
        }
    };
    let same = join_all((0..10).map(|_| token(once.clone()))).await;
    assert!(same.iter().all(|token| *token == same[0]), "{same:?}");
    assert_ne!(token(again).await, same[0]);
    let tokens = fixture.admin().items("api-tokens?limit=200").await;
    let nightly = tokens.iter().filter(|token| token["name"] == "nightly").count();
    assert_eq!(nightly, 2);
});

scenario!(
    a_page_with_a_new_secret_can_be_loaded_again,
    |fixture: Fixture| async move {
        let portal = json!({ "client_id": "wiki", "name": "Wiki", "redirect_uris": ["https://wiki.example/cb"] });
        let portal = fixture.admin().create("clients", portal).await;
        let owner = at_work(&fixture, "owner").await;
        let page = format!("/console/portals/{}/secret", id(&portal));
        let once = shown(&fixture, &owner, &page).await.field("once");
        let first = send(&fixture, &owner, &page, &[("once", &once)]).await;
        let again = send(&fixture, &owner, &page, &[("once", &once)]).await;
        assert_eq!(block(&first.body), block(&again.body));
        let without = send(&fixture, &owner, &page, &[]).await;
        assert_ne!(block(&first.body), block(&without.body));
    }
);

scenario!(
    a_callback_s_token_is_renewed_once_however_often_its_form_is_sent,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let owner = at_work(&fixture, "owner").await;
        let page = format!("/console/setup/{}/callbacks", id(&source));
        let issued = |once: String| {
            let (fixture, owner, page) = (&fixture, &owner, &page);
            async move {
                let fields = [("owner", "contacts"), ("once", once.as_str())];
                let shown = send(fixture, owner, page, &fields).await;
                assert_eq!(shown.status, 200, "{}", shown.body);
                let (_, rest) = shown.body.split_once("<p class=\"copy-label\">Token</p>").unwrap();
                block(rest).to_owned()
            }
        };
        let once = shown(&fixture, &owner, &page).await.field("once");
        let first = issued(once.clone()).await;
        assert_eq!(issued(once).await, first, "a reload shows the same Token");
        let once = shown(&fixture, &owner, &page).await.field("once");
        let second = issued(once.clone()).await;
        assert_ne!(second, first, "asked for anew, the Token is another");
        assert_eq!(issued(once).await, second);
    }
);

scenario!(
    a_branding_that_a_colleague_changed_meanwhile_is_not_overwritten,
    |fixture: Fixture| async move {
        let owner = at_work(&fixture, "owner").await;
        let page = "/console/settings/branding";
        let version = shown(&fixture, &owner, page).await.field("version");
        let fields = |name| [("name", name), ("version", version.as_str())];
        assert_eq!(send(&fixture, &owner, page, &fields("First")).await.status, 200);
        let late = send(&fixture, &owner, page, &fields("Second")).await;
        assert!(
            late.status == 412 && late.body.contains("value=\"Second\""),
            "{}",
            late.body
        );
        assert_eq!(fixture.admin().get("branding").await["name"], "First");
    }
);

scenario!(
    an_address_too_long_for_the_api_is_the_askers_fault,
    |fixture: Fixture| async move {
        let owner = at_work(&fixture, "owner").await;
        let fields = [("username", &*"é".repeat(10_000)), ("role", "admin")];
        let long = send(&fixture, &owner, "/console/settings/operators", &fields).await;
        assert!((400..500).contains(&long.status), "{} {}", long.status, long.body);
        let fields = [("name", "Gate"), ("version", "\"a\nb\"")];
        let broken = send(&fixture, &owner, "/console/settings/branding", &fields).await;
        assert!((400..500).contains(&broken.status), "{} {}", broken.status, broken.body);
    }
);

scenario!(
    a_trial_is_made_once_however_often_its_form_is_sent,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        fixture.portal("wiki", json!({})).await;
        let owner = at_work(&fixture, "owner").await;
        let scan = format!("/console/setup/{}/scan", id(&source));
        let client = fixture.admin().get("clients/wiki").await;
        for (page, action, portal) in [
            ("/console/portals/wiki/claims", "/console/portals/wiki/trials", None),
            (scan.as_str(), scan.as_str(), Some(id(&client))),
        ] {
            let once = shown(&fixture, &owner, page).await.field("once");
            let mut form = vec![("once", once.as_str())];
            form.extend(portal.map(|portal| ("portal", portal)));
            let first = send(&fixture, &owner, action, &form).await;
            let again = send(&fixture, &owner, action, &form).await;
            assert_eq!(first.link("/signin/trial/"), again.link("/signin/trial/"), "{action}");
        }
        let begun = fixture.admin().items("audit-events?kind=trial.begun").await;
        assert_eq!(begun.len(), 2, "{begun:?}");
    }
);
