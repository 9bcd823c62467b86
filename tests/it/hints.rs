//! `id_token_hint`: whose session it may end, and what it is worth when its key is gone (OpenID Connect RP-Initiated Logout 1.0 section 2).

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::{claims, header},
    back_channel_logout::{sign_out, signed_in_at_listening_portal},
    fixture::Fixture,
    scenario,
    signing_out::{BYE, confirm_logout, logout_url},
};

// RP-Initiated Logout section 2: ID tokens lie in logs and histories; one alone is no sign-out of its person.
scenario!(
    an_id_token_alone_ends_no_session_of_another_browser,
    |fixture: Fixture| async move {
        let (portal, browser, tokens) = fixture.signed_in().await;
        let stolen = tokens["id_token"].as_str().unwrap();
        let parameters = [
            ("id_token_hint", stolen),
            ("post_logout_redirect_uri", BYE),
            ("state", "s"),
        ];
        let url = logout_url(&fixture, &parameters);
        // No cookie: there is nothing to end, and it goes back where the hint's portal may be.
        let nobody = fixture.browser().get(&url).await;
        assert_eq!(nobody.location.as_deref(), Some(format!("{BYE}?state=s").as_str()));
        let planted = fixture.browser();
        planted.plant("localhost", "menjin_session", &"x".repeat(43));
        planted.plant("127.0.0.1", "menjin_session", &"x".repeat(43));
        assert_eq!(planted.get(&url).await.location, nobody.location);
        // Somebody else, signed in: asked, and their yes is theirs only.
        let other = fixture.browser();
        portal.tokens(&fixture, &other, sample::ADMIN).await;
        let page = other.get(&url).await;
        assert!(page.status == 200 && page.location.is_none(), "{}", page.body);
        let done = confirm_logout(&fixture, &other, &page, &parameters).await;
        assert_eq!(done.location, nobody.location);
        portal.assert_signed_out(&other).await;
        let access = tokens["access_token"].as_str().unwrap();
        assert_eq!(portal.userinfo(access).await.status, 200, "the hint's session ended");
        let alive = portal.authorize_silently(&browser).await;
        assert!(alive.returned("code").is_some());
        assert_eq!(
            browser.get(&url).await.location,
            nobody.location,
            "its own browser ends it unasked"
        );
        assert_eq!(portal.userinfo(access).await.status, 401);
    }
);

// RP-Initiated Logout section 2: the person must be asked where the ID token is not of the session of this browser.
scenario!(
    a_hint_of_another_session_of_the_same_person_is_asked_and_the_yes_ends_both,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let (phone, laptop) = (fixture.browser(), fixture.browser());
        let there = portal.tokens(&fixture, &phone, sample::NORMAL).await;
        let here = portal.tokens(&fixture, &laptop, sample::NORMAL).await;
        let hint = there["id_token"].as_str().unwrap();
        let parameters = [("id_token_hint", hint), ("post_logout_redirect_uri", BYE)];
        let page = laptop.get(&logout_url(&fixture, &parameters)).await;
        assert!(page.status == 200 && page.location.is_none(), "{}", page.body);
        for tokens in [&here, &there] {
            let access = tokens["access_token"].as_str().unwrap();
            assert_eq!(portal.userinfo(access).await.status, 200, "ended unasked");
        }
        let done = confirm_logout(&fixture, &laptop, &page, &parameters).await;
        assert_eq!(done.location.as_deref(), Some(BYE));
        for tokens in [&here, &there] {
            let access = tokens["access_token"].as_str().unwrap();
            assert_eq!(portal.userinfo(access).await.status, 401);
        }
    }
);

// What was granted in a session that ran out lives on; its own browser can still end it.
scenario!(
    a_session_that_ran_out_is_ended_by_its_own_browser_with_the_hint,
    |fixture: Fixture| async move {
        let (receiver, portal, browser, tokens) = signed_in_at_listening_portal(&fixture).await;
        fixture.advance(Duration::from_secs(8 * 3600 + 1));
        let renewed = portal.refresh(tokens["refresh_token"].as_str().unwrap()).await;
        assert_eq!(renewed.status, 200, "{}", renewed.body);
        sign_out(&fixture, &browser, &tokens).await;
        receiver.wait_for(1).await;
        let renewed = portal.refresh(renewed.body["refresh_token"].as_str().unwrap()).await;
        assert_eq!(renewed.status, 400, "{}", renewed.body);
    }
);

// RP-Initiated Logout section 2: a portal keeps an ID token longer than we keep the key that signed it.
scenario!(
    a_hint_whose_key_is_gone_counts_as_no_hint,
    |fixture: Fixture| async move {
        let (portal, browser, tokens) = fixture.signed_in().await;
        fixture.admin().create("keys/rotate", json!({ "now": true })).await;
        fixture.advance(Duration::from_secs(10));
        let old = tokens["id_token"].as_str().unwrap();
        // At the authorization endpoint nobody can be said to be that person.
        let silent = [("id_token_hint", old), ("prompt", "none")];
        let page = browser.get(&portal.authorize_url(&silent)).await;
        assert_eq!(page.returned("error").as_deref(), Some("login_required"));
        let page = browser.get(&portal.authorize_url(&[("id_token_hint", old)])).await;
        assert!(page.returned("code").is_some(), "{:?}", page.location);
        // At sign-out the person is asked, and without client_id nobody says whose address it would be.
        let bare = [("id_token_hint", old), ("post_logout_redirect_uri", BYE)];
        let page = browser.get(&logout_url(&fixture, &bare)).await;
        assert!(page.status == 200 && page.location.is_none(), "{}", page.body);
        let alive = portal.authorize_silently(&browser).await;
        assert!(alive.returned("code").is_some(), "ended unasked");
        let done = confirm_logout(&fixture, &browser, &page, &bare).await;
        assert!(done.status == 200 && done.location.is_none(), "{:?}", done.location);
        portal.assert_signed_out(&browser).await;
        // With client_id, a registered address and the person's yes it leads back; else it does not.
        portal.tokens(&fixture, &browser, sample::NORMAL).await;
        let named = [&bare[..], &[("client_id", "wiki"), ("state", "s")]].concat();
        let page = browser.get(&logout_url(&fixture, &named)).await;
        assert!(page.status == 200 && page.location.is_none(), "{}", page.body);
        let wrong = [
            ("id_token_hint", old),
            ("client_id", "wiki"),
            ("post_logout_redirect_uri", "https://evil.example/"),
        ];
        let refused = browser.get(&logout_url(&fixture, &wrong)).await;
        assert!(refused.status == 400 && refused.location.is_none() && refused.body.contains("OP-171"));
        let done = confirm_logout(&fixture, &browser, &page, &named).await;
        assert_eq!(done.location.as_deref(), Some(format!("{BYE}?state=s").as_str()));
        let nobody = fixture.browser().get(&logout_url(&fixture, &named)).await;
        assert!(
            nobody.status == 200 && nobody.location.is_none(),
            "no proof, no yes, no way back"
        );
    }
);

// Nobody needs our keys to write a token with a kid that we do not know.
scenario!(
    an_unknown_key_excuses_neither_alg_none_nor_another_issuer_nor_another_type,
    |fixture: Fixture| async move {
        let (portal, browser, tokens) = fixture.signed_in().await;
        let hint = tokens["id_token"].as_str().unwrap();
        let signature = hint.rsplit('.').next().unwrap();
        let forged = |head: &Value, claims: &Value, signature: &str| {
            let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
            format!("{}.{}.{signature}", part(head), part(claims))
        };
        let claims = claims(hint);
        let (mut elsewhere, mut endless) = (claims.clone(), claims.clone());
        elsewhere["iss"] = json!("https://other.example");
        endless.as_object_mut().unwrap().remove("exp");
        let known = header(hint)["kid"].clone();
        let head = |alg: &str, typ: &str| json!({ "alg": alg, "kid": "unknown", "typ": typ });
        let at = json!({ "alg": "RS256", "kid": known, "typ": "JWT" });
        for (token, what) in [
            (forged(&head("none", "JWT"), &claims, ""), "alg=none"),
            (forged(&head("HS256", "JWT"), &claims, signature), "a shared secret"),
            (forged(&head("RS256", "at+jwt"), &claims, signature), "another type"),
            (forged(&head("RS256", "JWT"), &claims, ""), "no signature"),
            (forged(&head("RS256", "JWT"), &elsewhere, signature), "another issuer"),
            (forged(&head("RS256", "JWT"), &endless, signature), "no ID token"),
            (
                forged(&at, &claims, &signature.chars().rev().collect::<String>()),
                "a broken signature of a known key",
            ),
            (forged(&at, &elsewhere, signature), "other claims under a known key"),
        ] {
            let page = browser.get(&logout_url(&fixture, &[("id_token_hint", &token)])).await;
            assert!(
                page.status == 400 && page.body.contains("OP-170"),
                "{what}: {}",
                page.body
            );
            let page = browser.get(&portal.authorize_url(&[("id_token_hint", &token)])).await;
            assert_eq!(page.returned("error").as_deref(), Some("invalid_request"), "{what}");
        }
        // One that could be an old one of ours is a question, no more.
        let could = forged(&head("RS256", "JWT"), &claims, signature);
        let page = browser.get(&logout_url(&fixture, &[("id_token_hint", &could)])).await;
        assert!(
            page.status == 200 && page.body.contains("name=\"confirm\""),
            "{}",
            page.body
        );
        let alive = portal.authorize_silently(&browser).await;
        assert!(alive.returned("code").is_some());
    }
);
