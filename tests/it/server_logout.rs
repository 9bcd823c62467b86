//! The logout endpoint called by a portal's server: by oauth2-proxy (`backend_logout_url`), by Keycloak as a broker.

use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::{LogoutReceiver, Portal, Redemption, text},
    back_channel_logout::listening,
    fixture::Fixture,
    scenario,
    signing_out::{BYE, logout_url},
};

async fn by_get(fixture: &Fixture, parameters: &[(&str, &str)]) -> Redemption {
    Redemption::of(fixture.http.get(logout_url(fixture, parameters))).await
}

async fn by_post(fixture: &Fixture, parameters: &[(&str, &str)]) -> Redemption {
    let request = fixture.http.post(format!("{}/oauth2/logout", fixture.base));
    Redemption::of(request.form(parameters)).await
}

async fn works(portal: &Portal, tokens: &Value) -> bool {
    portal.userinfo(text(tokens, "access_token")).await.status == 200
}

fn opted_in(subject_type: &str) -> Value {
    json!({ "metadata": { "server_initiated_logout": true, "subject_type": subject_type } })
}

scenario!(
    what_ends_nothing_never_looks_like_success_to_a_program,
    |fixture: Fixture| async move {
        let (portal, browser, tokens) = fixture.signed_in().await;
        let hint = text(&tokens, "id_token");
        let forged = format!("{hint}x");
        let access = text(&tokens, "access_token");
        for parameters in [
            &[][..],
            &[("client_id", "wiki")],
            &[("client_id", "wiki"), ("post_logout_redirect_uri", BYE)],
            &[("id_token_hint", hint)],
            &[("id_token_hint", hint), ("post_logout_redirect_uri", BYE)],
            &[("id_token_hint", hint), ("client_id", "nobody")],
            &[("id_token_hint", &forged)],
            &[("id_token_hint", access)],
            &[("id_token_hint", hint), ("confirm", "unseen")],
        ] {
            for answer in [by_get(&fixture, parameters).await, by_post(&fixture, parameters).await] {
                assert_eq!(
                    answer.refusal(),
                    (400, "invalid_request"),
                    "{parameters:?}: {}",
                    answer.body
                );
                assert!(
                    answer.body["error_description"].as_str().unwrap().len() > 30,
                    "{}",
                    answer.body
                );
            }
        }
        assert!(works(&portal, &tokens).await);
        // Browsers keep their pages, those that do not say where they navigate as well.
        let nobody = fixture.browser();
        let page = nobody.get(&logout_url(&fixture, &[])).await;
        assert!(
            page.status == 200 && page.body.contains("<html"),
            "{} {}",
            page.status,
            page.body
        );
        let back = [("id_token_hint", hint), ("post_logout_redirect_uri", BYE)];
        assert_eq!(
            nobody.get(&logout_url(&fixture, &back)).await.location.as_deref(),
            Some(BYE)
        );
        let fetched = fixture
            .http
            .get(logout_url(&fixture, &[]))
            .header("sec-fetch-mode", "navigate");
        assert_eq!(fetched.send().await.unwrap().status(), 200);
        let cookie = format!("menjin_session={}", browser.cookie("menjin_session").unwrap());
        let asked = fixture.http.get(logout_url(&fixture, &[])).header("cookie", cookie);
        assert!(
            asked
                .send()
                .await
                .unwrap()
                .text()
                .await
                .unwrap()
                .contains("name=\"confirm\"")
        );
    }
);

scenario!(
    a_server_ends_the_session_of_its_own_hint_where_it_is_registered_to,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let receiver = LogoutReceiver::listen();
        let crm = listening(&fixture, "crm", &receiver).await;
        for (number, subject_type) in ["public", "pairwise"].into_iter().enumerate() {
            let portal = fixture.portal(subject_type, opted_in(subject_type)).await;
            let (browser, elsewhere) = (fixture.browser(), fixture.browser());
            let tokens = portal.tokens(&fixture, &browser, sample::NORMAL).await;
            let foreign = crm.tokens_silently(&browser, &[]).await;
            let others = portal.tokens(&fixture, &elsewhere, sample::NORMAL).await;
            let hint = text(&tokens, "id_token");
            let crms = text(&foreign, "id_token");
            for parameters in [
                &[("id_token_hint", crms)][..],
                &[("id_token_hint", crms), ("client_id", subject_type)],
                &[("id_token_hint", hint), ("client_id", "crm")],
                &[("client_id", subject_type)],
            ] {
                let refused = by_get(&fixture, parameters).await;
                assert_eq!(refused.refusal(), (400, "invalid_request"), "{}", refused.body);
            }
            assert!(works(&portal, &tokens).await, "not yet");
            let parameters = [("id_token_hint", hint), ("post_logout_redirect_uri", BYE)];
            let done = match number {
                0 => by_get(&fixture, &parameters[..1]).await,
                _ => by_post(&fixture, &parameters[..1]).await,
            };
            let told = |already: bool| json!({ "signed_out": true, "already_ended": already });
            assert_eq!((done.status, &done.body), (200, &told(false)));
            portal.assert_signed_out(&browser).await;
            portal.assert_ended(&tokens).await;
            crm.assert_ended(&foreign).await;
            assert!(works(&portal, &others).await, "another session of the same person");
            fixture.wait_for_background_work().await;
            assert_eq!(receiver.tokens().len(), number + 1, "the other portals hear of it");
            let again = by_get(&fixture, &parameters[..1]).await;
            assert_eq!((again.status, &again.body), (200, &told(true)), "it is over");
            let path = format!("clients/{}", portal.id);
            let off = json!({ "metadata": { "server_initiated_logout": null } });
            fixture.admin().change(&path, off).await;
            assert_eq!(by_get(&fixture, &parameters[..1]).await.status, 400);
        }
    }
);

scenario!(
    only_confidential_clients_may_end_sessions_by_a_hint,
    |fixture: Fixture| async move {
        let mut public = opted_in("public");
        public["auth_method"] = json!("none");
        public["name"] = json!("spa");
        public["redirect_uris"] = json!(["https://spa.portal.example/cb"]);
        let refused = fixture.admin().call("POST", "clients", Some(public)).await;
        assert_eq!(refused.refusal(), (422, "RG-101"));
        assert!(
            refused.body["detail"]
                .as_str()
                .unwrap()
                .contains("metadata.server_initiated_logout")
        );
    }
);
