//! How people are named to portals: public and pairwise (OpenID Connect Core, section 8), and by whom a request may demand to be answered.

use serde_json::{Value, json};
use simulator::sample;

use super::{connect_and_sign_in, userinfo};
use crate::{
    actors::{As, Browser, LogoutReceiver, Portal, claims, id_claims, text},
    fixture::Fixture,
    scenario,
    signing_out::{confirm_logout, logout_url},
};

fn pairwise() -> Value {
    json!({ "metadata": { "subject_type": "pairwise" } })
}

/// A second portal on the first one's host.
async fn neighbour(fixture: &Fixture, client_id: &str, of: &Portal) -> Portal {
    let redirect_uri = format!("{}/{client_id}", of.redirect_uri);
    let mut registration = pairwise();
    registration["redirect_uris"] = json!([redirect_uri]);
    let mut portal = fixture.portal(client_id, registration).await;
    portal.redirect_uri = redirect_uri;
    portal
}

/// A claim of the ID token that a portal gets now, without a page.
async fn told_now(portal: &Portal, browser: &Browser, claim: &str) -> Value {
    id_claims(&portal.tokens_silently(browser, &[]).await)[claim].clone()
}

/// A browser in which somebody else is signed in.
async fn somebody_else(fixture: &Fixture) -> Browser {
    let entrance = fixture.portal("other-entrance", json!({})).await;
    let browser = fixture.browser();
    entrance.tokens(fixture, &browser, sample::ADMIN).await;
    browser
}

scenario!(
    pairwise_subjects_differ_by_sector_and_agree_everywhere,
    |fixture: Fixture| async move {
        let browser = connect_and_sign_in(&fixture).await;
        let user = fixture.admin().user(sample::NORMAL).await;
        let one = fixture.portal("one", pairwise()).await;
        let two = fixture.portal("two", pairwise()).await;
        let beside = neighbour(&fixture, "beside", &one).await;
        let tokens = one.tokens_silently(&browser, &[]).await;
        let sub = id_claims(&tokens)["sub"].clone();
        assert_ne!(sub, user["id"], "not the user's own id");
        assert_eq!(told_now(&beside, &browser, "sub").await, sub, "one sector");
        assert_ne!(told_now(&two, &browser, "sub").await, sub, "another sector");
        let access = tokens["access_token"].as_str().unwrap();
        let refresh = tokens["refresh_token"].as_str().unwrap();
        assert_eq!(claims(access)["sub"], sub);
        assert_eq!(userinfo(&one, &tokens).await["sub"], sub);
        assert_eq!(one.introspect(access).await["sub"], sub);
        assert_eq!(one.introspect(refresh).await["sub"], sub);
        let refreshed = one.refresh(refresh).await.body;
        assert_eq!(id_claims(&refreshed)["sub"], sub);
        assert_eq!(userinfo(&one, &refreshed).await["sub"], sub);
        // Another process over the same storage.
        let base = fixture.restart().await;
        let restarted = one.at(&base).refresh(text(&refreshed, "refresh_token")).await.body;
        assert_eq!(id_claims(&restarted)["sub"], sub, "it stays after a restart");
        fixture.admin().create("keys/rotate", json!({ "now": true })).await;
        let after = told_now(&one, &browser, "sub").await;
        assert_eq!(after, sub, "it stays after a key rotation");
        let public = fixture.portal("public", json!({})).await;
        assert_eq!(told_now(&public, &browser, "sub").await, user["id"]);
    }
);

scenario!(
    id_token_hint_knows_people_by_the_name_its_own_client_has_for_them,
    |fixture: Fixture| async move {
        let browser = connect_and_sign_in(&fixture).await;
        let one = fixture.portal("one", pairwise()).await;
        let two = fixture.portal("two", pairwise()).await;
        let public = fixture.portal("public", json!({})).await;
        let somebody_else = somebody_else(&fixture).await;
        for from in [&one, &two, &public] {
            let tokens = from.tokens_silently(&browser, &[]).await;
            let hint = tokens["id_token"].as_str().unwrap();
            for to in [&one, &two, &public] {
                let asked = [("id_token_hint", hint), ("prompt", "none")];
                let page = browser.get(&to.authorize_url(&asked)).await;
                assert!(
                    page.returned("code").is_some(),
                    "{} to {}",
                    from.client_id,
                    to.client_id
                );
                let page = somebody_else.get(&to.authorize_url(&asked)).await;
                assert_eq!(page.returned("error").as_deref(), Some("login_required"));
                let page = somebody_else.get(&to.authorize_url(&[("id_token_hint", hint)])).await;
                assert!(page.returned("code").is_none(), "somebody else must sign in");
            }
        }
    }
);

// OpenID Connect Core 8: two sectors must not be able to tell that two of their names are one person.
scenario!(
    sessions_have_another_sid_in_each_sector_the_same_everywhere_within_it,
    |fixture: Fixture| async move {
        let browser = connect_and_sign_in(&fixture).await;
        let (receiver, other_receiver) = (LogoutReceiver::listen(), LogoutReceiver::listen());
        let told = |name: &str, receiver: &LogoutReceiver| {
            let front = format!("https://{name}.portal.example/out");
            let mut registration = pairwise();
            registration["metadata"]["backchannel_logout_uri"] = json!(receiver.address());
            registration["metadata"]["frontchannel_logout_uri"] = json!(front);
            registration
        };
        let one = fixture.portal("one", told("one", &receiver)).await;
        let two = fixture.portal("two", told("two", &other_receiver)).await;
        let beside = neighbour(&fixture, "beside", &one).await;
        let public = fixture.portal("public", json!({})).await;
        let tokens = one.tokens_silently(&browser, &[]).await;
        let sid = id_claims(&tokens)["sid"].as_str().unwrap().to_owned();
        assert_eq!(told_now(&beside, &browser, "sid").await, sid, "one sector");
        let foreign = told_now(&two, &browser, "sid").await;
        let own = told_now(&public, &browser, "sid").await;
        assert!(foreign != sid && own != sid && own != foreign, "{sid} {foreign} {own}");
        assert_ne!(id_claims(&tokens)["sub"], sid);
        let (access, refresh) = (
            tokens["access_token"].as_str().unwrap(),
            tokens["refresh_token"].as_str().unwrap(),
        );
        assert_eq!(claims(access)["sid"], sid);
        assert_eq!(one.introspect(access).await["sid"], sid);
        assert_eq!(one.introspect(refresh).await["sid"], sid);
        let refreshed = one.refresh(refresh).await.body;
        assert_eq!(id_claims(&refreshed)["sid"], sid);
        let (elsewhere, here) = (fixture.browser(), fixture.browser());
        for browser in [&elsewhere, &here] {
            public.tokens(&fixture, browser, sample::NORMAL).await;
        }
        assert_ne!(told_now(&one, &elsewhere, "sid").await, sid, "another session");
        // The end: each portal hears the name it knows.
        let hint = tokens["id_token"].as_str().unwrap();
        let url = format!("{}/oauth2/logout?id_token_hint={hint}", fixture.base);
        let asked = elsewhere.get(&url).await;
        assert!(
            asked.body.contains("name=\"confirm\""),
            "not the session of that browser"
        );
        let page = browser.get(&url).await;
        let frames = page.body.replace("&amp;", "&").replace("&#38;", "&");
        for sid in [sid.as_str(), foreign.as_str().unwrap()] {
            assert_eq!(frames.matches(&format!("&sid={sid}\"")).count(), 1, "{frames}");
        }
        assert!(
            !frames.contains(own.as_str().unwrap()),
            "the session's own id is nowhere"
        );
        receiver.wait_for(1).await;
        other_receiver.wait_for(1).await;
        assert_eq!(claims(&receiver.tokens()[0])["sid"], sid);
        assert_eq!(claims(&other_receiver.tokens()[0])["sid"], foreign);
        // The person's yes ends the other session that the hint is of, by its name in that sector.
        let last = one.tokens_silently(&elsewhere, &[]).await;
        let parameters = [("id_token_hint", text(&last, "id_token"))];
        let page = here.get(&logout_url(&fixture, &parameters)).await;
        confirm_logout(&fixture, &here, &page, &parameters).await;
        assert_eq!(one.userinfo(text(&last, "access_token")).await.status, 401);
    }
);

scenario!(
    a_hint_of_a_pairwise_client_signs_its_person_out,
    |fixture: Fixture| async move {
        let browser = connect_and_sign_in(&fixture).await;
        let one = fixture.portal("one", pairwise()).await;
        let tokens = one.tokens_silently(&browser, &[]).await;
        let parameters = [
            ("id_token_hint", text(&tokens, "id_token")),
            ("post_logout_redirect_uri", "https://one.portal.example/bye"),
            ("state", "s"),
        ];
        let url = logout_url(&fixture, &parameters);
        let somebody_else = somebody_else(&fixture).await;
        let page = somebody_else.get(&url).await;
        assert_eq!((page.status, page.location), (200, None), "somebody else is asked");
        let page = browser.get(&url).await;
        assert_eq!(page.location.as_deref(), Some("https://one.portal.example/bye?state=s"));
        one.assert_signed_out(&browser).await;
    }
);

scenario!(
    a_subject_demanded_by_claims_is_the_only_one_let_in,
    |fixture: Fixture| async move {
        let browser = connect_and_sign_in(&fixture).await;
        let one = fixture.portal("one", pairwise()).await;
        let sub = told_now(&one, &browser, "sub").await;
        let demand = |sub: &Value| json!({ "id_token": { "sub": { "value": sub } } }).to_string();
        let right = demand(&sub);
        let page = browser
            .get(&one.authorize_url(&[("claims", &right), ("prompt", "none")]))
            .await;
        assert!(page.returned("code").is_some(), "{:?}", page.location);
        let wrong = demand(&json!("somebody-else"));
        let page = browser
            .get(&one.authorize_url(&[("claims", &wrong), ("prompt", "none")]))
            .await;
        assert_eq!(page.returned("error").as_deref(), Some("login_required"));
        // Without prompt=none another person must sign in; if the same one comes back, the answer is no.
        let url = one.authorize_url(&[("claims", &wrong)]);
        let page = one
            .sign_in_at(&fixture, &browser, As::Member(sample::NORMAL), &url)
            .await;
        assert_eq!(page.returned("error").as_deref(), Some("login_required"));
        assert!(page.returned("code").is_none());
    }
);
