//! How people are named to portals: public and pairwise (OpenID Connect Core, section 8), and by whom a request may demand to be answered.

use serde_json::{Value, json};
use simulator::sample;

use super::{id_token, signed_in, silently, userinfo};
use crate::{
    actors::{As, LogoutReceiver, Portal, claims},
    fixture::Fixture,
    scenario,
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

async fn introspected(fixture: &Fixture, portal: &Portal, token: &str) -> Value {
    let request = fixture.http.post(format!("{}/oauth2/introspect", fixture.base));
    let request = request.basic_auth(&portal.client_id, Some(&portal.secret));
    let answer = request.form(&[("token", token)]).send().await.unwrap();
    answer.json().await.unwrap()
}

scenario!(
    pairwise_subjects_differ_by_sector_and_agree_everywhere,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let browser = signed_in(&fixture).await;
        let user = fixture.admin().user(sample::NORMAL).await;
        let one = fixture.portal("one", pairwise()).await;
        let two = fixture.portal("two", pairwise()).await;
        let connect_unlocked = neighbour(&fixture, "beside", &one).await;
        let tokens = silently(&one, &browser, &[]).await;
        let sub = id_token(&tokens)["sub"].clone();
        assert_ne!(sub, user["id"], "not the user's own id");
        assert_eq!(
            id_token(&silently(&connect_unlocked, &browser, &[]).await)["sub"],
            sub,
            "one sector"
        );
        assert_ne!(
            id_token(&silently(&two, &browser, &[]).await)["sub"],
            sub,
            "another sector"
        );
        let access = tokens["access_token"].as_str().unwrap();
        let refresh = tokens["refresh_token"].as_str().unwrap();
        assert_eq!(claims(access)["sub"], sub);
        assert_eq!(userinfo(&one, &tokens).await["sub"], sub);
        assert_eq!(introspected(&fixture, &one, access).await["sub"], sub);
        assert_eq!(introspected(&fixture, &one, refresh).await["sub"], sub);
        let refreshed = one.refresh(refresh).await.body;
        assert_eq!(id_token(&refreshed)["sub"], sub);
        assert_eq!(userinfo(&one, &refreshed).await["sub"], sub);
        // Another process over the same storage.
        let base = fixture.restart().await;
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refreshed["refresh_token"].as_str().unwrap()),
        ];
        let request = fixture.http.post(format!("{base}/oauth2/token")).form(&form);
        let answer = request.basic_auth("one", Some(&one.secret)).send().await.unwrap();
        assert_eq!(
            id_token(&answer.json().await.unwrap())["sub"],
            sub,
            "it stays after a restart"
        );
        fixture.admin().create("keys/rotate", json!({ "now": true })).await;
        let after = silently(&one, &browser, &[]).await;
        assert_eq!(id_token(&after)["sub"], sub, "it stays after a key rotation");
        let public = fixture.portal("public", json!({})).await;
        assert_eq!(id_token(&silently(&public, &browser, &[]).await)["sub"], user["id"]);
    }
);

scenario!(
    id_token_hint_knows_people_by_the_name_its_own_client_has_for_them,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let browser = signed_in(&fixture).await;
        let one = fixture.portal("one", pairwise()).await;
        let two = fixture.portal("two", pairwise()).await;
        let public = fixture.portal("public", json!({})).await;
        let somebody_else = fixture.browser();
        let entrance = fixture.portal("other-entrance", json!({})).await;
        entrance.tokens(&fixture, &somebody_else, sample::ADMIN).await;
        for from in [&one, &two, &public] {
            let tokens = silently(from, &browser, &[]).await;
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
        fixture.connect().await;
        let browser = signed_in(&fixture).await;
        let (ear, other_ear) = (LogoutReceiver::listen(), LogoutReceiver::listen());
        let told = |name: &str, ear: &LogoutReceiver| {
            let front = format!("https://{name}.portal.example/out");
            let mut registration = pairwise();
            registration["metadata"]["backchannel_logout_uri"] = json!(ear.address());
            registration["metadata"]["frontchannel_logout_uri"] = json!(front);
            registration
        };
        let one = fixture.portal("one", told("one", &ear)).await;
        let two = fixture.portal("two", told("two", &other_ear)).await;
        let connect_unlocked = neighbour(&fixture, "beside", &one).await;
        let public = fixture.portal("public", json!({})).await;
        let tokens = silently(&one, &browser, &[]).await;
        let sid = id_token(&tokens)["sid"].as_str().unwrap().to_owned();
        assert_eq!(
            id_token(&silently(&connect_unlocked, &browser, &[]).await)["sid"],
            sid,
            "one sector"
        );
        let foreign = id_token(&silently(&two, &browser, &[]).await)["sid"].clone();
        let own = id_token(&silently(&public, &browser, &[]).await)["sid"].clone();
        assert!(foreign != sid && own != sid && own != foreign, "{sid} {foreign} {own}");
        assert_ne!(id_token(&tokens)["sub"], sid);
        let (access, refresh) = (
            tokens["access_token"].as_str().unwrap(),
            tokens["refresh_token"].as_str().unwrap(),
        );
        assert_eq!(claims(access)["sid"], sid);
        assert_eq!(introspected(&fixture, &one, access).await["sid"], sid);
        assert_eq!(introspected(&fixture, &one, refresh).await["sid"], sid);
        let refreshed = one.refresh(refresh).await.body;
        assert_eq!(id_token(&refreshed)["sid"], sid);
        let (elsewhere, here) = (fixture.browser(), fixture.browser());
        for browser in [&elsewhere, &here] {
            public.tokens(&fixture, browser, sample::NORMAL).await;
        }
        let another = id_token(&silently(&one, &elsewhere, &[]).await)["sid"].clone();
        assert_ne!(another, sid, "another session");
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
        ear.wait_for(1).await;
        other_ear.wait_for(1).await;
        assert_eq!(claims(&ear.tokens()[0])["sid"], sid);
        assert_eq!(claims(&other_ear.tokens()[0])["sid"], foreign);
        // The person's yes ends the other session that the hint is of, by its name in that sector.
        let last = silently(&one, &elsewhere, &[]).await;
        let hint = last["id_token"].as_str().unwrap();
        let page = here
            .get(&format!("{}/oauth2/logout?id_token_hint={hint}", fixture.base))
            .await;
        let yes = page.field("confirm");
        let form = [("id_token_hint", hint), ("confirm", yes.as_str())];
        here.post(&format!("{}/oauth2/logout", fixture.base), &form).await;
        assert_eq!(one.userinfo(last["access_token"].as_str().unwrap()).await.status, 401);
    }
);

scenario!(
    a_hint_of_a_pairwise_client_signs_its_person_out,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let browser = signed_in(&fixture).await;
        let one = fixture.portal("one", pairwise()).await;
        let tokens = silently(&one, &browser, &[]).await;
        let url = |hint: &str| {
            let bye = "https://one.portal.example/bye";
            let parameters = [
                ("id_token_hint", hint),
                ("post_logout_redirect_uri", bye),
                ("state", "s"),
            ];
            reqwest::Url::parse_with_params(&format!("{}/oauth2/logout", fixture.base), parameters).unwrap()
        };
        let hint = tokens["id_token"].as_str().unwrap();
        let somebody_else = fixture.browser();
        let entrance = fixture.portal("other-entrance", json!({})).await;
        entrance.tokens(&fixture, &somebody_else, sample::ADMIN).await;
        let page = somebody_else.get(url(hint).as_str()).await;
        assert_eq!((page.status, page.location), (200, None), "somebody else is asked");
        let page = browser.get(url(hint).as_str()).await;
        assert_eq!(page.location.as_deref(), Some("https://one.portal.example/bye?state=s"));
        let page = browser.get(&one.authorize_url(&[("prompt", "none")])).await;
        assert_eq!(page.returned("error").as_deref(), Some("login_required"));
    }
);

scenario!(
    a_subject_demanded_by_claims_is_the_only_one_let_in,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let browser = signed_in(&fixture).await;
        let one = fixture.portal("one", pairwise()).await;
        let sub = id_token(&silently(&one, &browser, &[]).await)["sub"]
            .as_str()
            .unwrap()
            .to_owned();
        let demand = |sub: &str| json!({ "id_token": { "sub": { "value": sub } } }).to_string();
        let right = demand(&sub);
        let page = browser
            .get(&one.authorize_url(&[("claims", &right), ("prompt", "none")]))
            .await;
        assert!(page.returned("code").is_some(), "{:?}", page.location);
        let wrong = demand("somebody-else");
        let page = browser
            .get(&one.authorize_url(&[("claims", &wrong), ("prompt", "none")]))
            .await;
        assert_eq!(page.returned("error").as_deref(), Some("login_required"));
        // Without prompt=none another person must sign in; if the same one comes back, the answer is no.
        let login = browser.open(&one.authorize_url(&[("claims", &wrong)])).await;
        assert_eq!(login.status, 200, "{:?}", login.location);
        let shown = browser.open(&login.link("/go/")).await;
        let callback = fixture.phone().scan(&browser, &shown, As::Member(sample::NORMAL)).await;
        let page = browser.open(&callback).await;
        assert_eq!(page.returned("error").as_deref(), Some("login_required"));
        assert!(page.returned("code").is_none());
    }
);
