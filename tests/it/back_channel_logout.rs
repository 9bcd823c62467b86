//! The end of sessions as portals' servers hear of it: OpenID Connect Back-Channel Logout 1.0.

mod hanging;

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::{As, Browser, LogoutReceiver, Portal, claims, header, id_claims, text},
    fixture::Fixture,
    oidc::json_of,
    scenario,
};

/// A portal whose server listens for logouts.
pub async fn listening(fixture: &Fixture, client_id: &str, receiver: &LogoutReceiver) -> Portal {
    let metadata = json!({ "metadata": { "backchannel_logout_uri": receiver.address() } });
    fixture.portal(client_id, metadata).await
}

/// The sample corp, its portal `wiki` that listens for logouts, and a browser that is signed in there, with its tokens.
pub async fn signed_in_at_listening_portal(fixture: &Fixture) -> (LogoutReceiver, Portal, Browser, Value) {
    fixture.connect().await;
    let receiver = LogoutReceiver::listen();
    let portal = listening(fixture, "wiki", &receiver).await;
    let browser = fixture.browser();
    let tokens = portal.tokens(fixture, &browser, sample::NORMAL).await;
    (receiver, portal, browser, tokens)
}

/// A sign-out that was told once to the portal `wiki`, whose server answered it with this status.
async fn told_once(fixture: &Fixture, status: u16) -> LogoutReceiver {
    let (receiver, _, browser, tokens) = signed_in_at_listening_portal(fixture).await;
    receiver.answer(status);
    sign_out(fixture, &browser, &tokens).await;
    fixture.wait_for_background_work().await;
    receiver
}

/// Signs out in this browser, with the ID token among these tokens as the hint.
pub async fn sign_out(fixture: &Fixture, browser: &Browser, tokens: &Value) {
    let url = format!(
        "{}/oauth2/logout?id_token_hint={}",
        fixture.base,
        text(tokens, "id_token")
    );
    let page = browser.get(&url).await;
    assert!(page.status == 200, "{} {}", page.status, page.body);
}

pub async fn deliveries(fixture: &Fixture, query: &str) -> Vec<Value> {
    let list = fixture.admin().get(&format!("logout-deliveries{query}")).await;
    list["items"].as_array().unwrap().clone()
}

// Checklist, Back-Channel Logout: form field logout_token only; iss, aud, iat, exp, jti, events, sub, sid; no nonce; typ logout+jwt.
scenario!(
    a_logout_is_told_at_once_to_every_portal_of_the_session_and_to_no_other,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let (wiki_receiver, crm_receiver, other_receiver) = (
            LogoutReceiver::listen(),
            LogoutReceiver::listen(),
            LogoutReceiver::listen(),
        );
        let wiki = listening(&fixture, "wiki", &wiki_receiver).await;
        let crm = listening(&fixture, "crm", &crm_receiver).await;
        let other = listening(&fixture, "other", &other_receiver).await;
        let deaf = fixture.portal("deaf", json!({})).await;
        let browser = fixture.browser();
        let tokens = wiki.tokens(&fixture, &browser, sample::NORMAL).await;
        for portal in [&crm, &deaf] {
            portal.tokens_silently(&browser, &[]).await;
        }
        other.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        sign_out(&fixture, &browser, &tokens).await;
        // Nothing but the logout itself sets this going: no tick, no advance.
        wiki_receiver.wait_for(1).await;
        crm_receiver.wait_for(1).await;
        fixture.wait_for_background_work().await;
        let (said, id) = (claims(&wiki_receiver.tokens()[0]), id_claims(&tokens));
        let keys = json_of(&fixture, "/oauth2/jwks").await;
        let head = header(&wiki_receiver.tokens()[0]);
        assert_eq!((&head["typ"], &head["alg"]), (&json!("logout+jwt"), &json!("RS256")));
        assert!(
            keys["keys"]
                .as_array()
                .unwrap()
                .iter()
                .any(|key| key["kid"] == head["kid"])
        );
        assert_eq!(
            (&said["iss"], &said["sub"], &said["sid"]),
            (&id["iss"], &id["sub"], &id["sid"])
        );
        assert_eq!(said["aud"], "wiki");
        assert_eq!(
            said["events"],
            json!({ "http://schemas.openid.net/event/backchannel-logout": {} })
        );
        assert_eq!(said["exp"].as_i64().unwrap() - said["iat"].as_i64().unwrap(), 120);
        assert!(said["jti"].is_string() && said.get("nonce").is_none());
        assert_eq!(claims(&crm_receiver.tokens()[0])["aud"], "crm");
        assert!(other_receiver.heard().is_empty(), "told of a session it was not in");
        let all = deliveries(&fixture, "").await;
        assert_eq!(all.len(), 2, "{all:?}");
        for row in all {
            assert_eq!(
                (&row["state"], &row["attempts"]),
                (&json!("delivered"), &json!(1)),
                "{row}"
            );
            assert_eq!((&row["last_status"], &row["reason"]), (&json!(200), &json!("logout")));
        }
        // Told once: further looks have nothing to tell.
        fixture.advance(Duration::from_secs(3600));
        fixture.app.tick().await.unwrap();
        assert_eq!(wiki_receiver.heard().len() + crm_receiver.heard().len(), 2);
    }
);

// Found elsewhere: tokens that had expired before they were sent; a message that was fired once and forgotten.
scenario!(
    a_portal_that_is_down_is_told_when_it_is_back_with_a_token_of_that_moment,
    |fixture: Fixture| async move {
        let receiver = told_once(&fixture, 503).await;
        assert_eq!(receiver.heard().len(), 1);
        let row = deliveries(&fixture, "?state=pending").await.remove(0);
        assert_eq!(
            (&row["last_status"], &row["last_error"]),
            (&json!(503), &json!("heard"))
        );
        fixture.app.tick().await.unwrap();
        assert_eq!(receiver.heard().len(), 1, "tried again before its pause was over");
        for pause in [5, 10, 20, 40] {
            fixture.advance(Duration::from_secs(pause));
            fixture.app.tick().await.unwrap();
        }
        assert_eq!(receiver.heard().len(), 5, "the pauses double");
        // A restart in between loses nothing: another process goes on.
        let replica = fixture.replica().await.app;
        fixture.advance(Duration::from_secs(6 * 3600));
        receiver.answer(204);
        replica.tick().await.unwrap();
        let said = claims(receiver.tokens().last().unwrap());
        assert_eq!(said["iat"], fixture.clock.now().secs(), "minted when it was sent");
        let row = deliveries(&fixture, "?client_id=wiki").await.remove(0);
        assert_eq!((&row["state"], &row["attempts"]), (&json!("delivered"), &json!(6)));
        assert_eq!(row["last_error"], Value::Null);
    }
);

scenario!(
    a_portal_that_never_answers_is_given_up_after_a_day,
    |fixture: Fixture| async move {
        let receiver = told_once(&fixture, 500).await;
        for _ in 0..48 {
            fixture.advance(Duration::from_secs(1800));
            fixture.app.tick().await.unwrap();
        }
        let row = deliveries(&fixture, "?state=abandoned").await.remove(0);
        let tries = receiver.heard().len();
        assert!((20..48).contains(&tries), "{tries}");
        let events = fixture.admin().get("audit-events?kind=logout.undelivered").await;
        assert_eq!(events["items"].as_array().unwrap().len(), 1, "{events}");
        // An admin who mended the portal lets it be told.
        receiver.answer(200);
        let path = format!("logout-deliveries/{}/retry", row["id"].as_str().unwrap());
        assert_eq!(fixture.admin().call("POST", &path, None).await.status, 202);
        fixture.wait_for_background_work().await;
        let row = deliveries(&fixture, "").await.remove(0);
        assert_eq!(row["state"], "delivered", "{row}");
        let again = fixture.admin().call("POST", &path, None).await;
        assert_eq!(again.refusal(), (409, "OP-341"));
    }
);

scenario!(
    a_portal_that_refuses_is_asked_a_few_times_and_then_not_any_more,
    |fixture: Fixture| async move {
        let receiver = told_once(&fixture, 400).await;
        for _ in 0..20 {
            fixture.advance(Duration::from_secs(600));
            fixture.app.tick().await.unwrap();
        }
        assert_eq!(receiver.heard().len(), 6);
        let row = deliveries(&fixture, "").await.remove(0);
        assert_eq!((&row["state"], &row["last_status"]), (&json!("failed"), &json!(400)));
    }
);

/// Once two calls were heard, hanging is over.
async fn let_go_of_two(receiver: &LogoutReceiver) {
    receiver.wait_for(2).await;
    receiver.hang(false);
}

scenario!(
    of_many_replicas_that_look_at_once_exactly_one_sends,
    |fixture: Fixture| async move {
        let receiver = told_once(&fixture, 500).await;
        let mut replicas = vec![fixture.app.clone()];
        for _ in 0..4 {
            replicas.push(fixture.replica().await.app);
        }
        receiver.answer(200);
        fixture.advance(Duration::from_secs(5));
        receiver.hang(true);
        let looks = replicas.iter().flat_map(|replica| [replica; 20]);
        let looks: Vec<_> = looks.map(|replica| replica.tick()).collect();
        let (looks, ()) = tokio::join!(join_all(looks), let_go_of_two(&receiver));
        assert!(looks.iter().all(Result::is_ok));
        assert_eq!(receiver.heard().len(), 2, "the first try and one more");
    }
);

scenario!(
    a_sender_that_dies_leaves_a_row_that_is_due_again,
    |fixture: Fixture| async move {
        let (receiver, _, browser, tokens) = signed_in_at_listening_portal(&fixture).await;
        receiver.hang(true);
        sign_out(&fixture, &browser, &tokens).await;
        receiver.wait_for(1).await;
        // While that one hangs, nobody else takes the row; once its lease has run out, another one does.
        let replica = fixture.replica().await.app;
        fixture.advance(Duration::from_secs(119));
        replica.tick().await.unwrap();
        assert_eq!(receiver.heard().len(), 1);
        fixture.advance(Duration::from_secs(1));
        let (looked, ()) = tokio::join!(replica.tick(), let_go_of_two(&receiver));
        looked.unwrap();
        fixture.wait_for_background_work().await;
        assert_eq!(deliveries(&fixture, "?state=delivered").await.len(), 1);
    }
);

scenario!(
    whoever_ends_a_session_its_portals_are_told,
    |fixture: Fixture| async move {
        let (receiver, portal, browser, tokens) = signed_in_at_listening_portal(&fixture).await;
        let mut expected = Vec::new();
        // An admin disables the user, and enables them again.
        let id = id_claims(&tokens);
        let user = format!("users/{}", id["sub"].as_str().unwrap());
        fixture.admin().change(&user, json!({ "status": "disabled" })).await;
        fixture.admin().change(&user, json!({ "status": "active" })).await;
        expected.push((id["sid"].clone(), "admin"));
        // Another person signs in with the same browser.
        let tokens = portal.tokens(&fixture, &browser, sample::NORMAL).await;
        let id = id_claims(&tokens);
        let again = portal.authorize_url(&[("prompt", "login")]);
        let page = portal
            .sign_in_at(&fixture, &browser, As::Member(sample::BY_TAG), &again)
            .await;
        assert!(page.returned("code").is_some(), "{}", page.body);
        expected.push((id["sid"].clone(), "replaced"));
        // Their password is taken away, and with it whatever it may have opened.
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let id = id_claims(&tokens);
        let taken = fixture.admin().call("DELETE", &format!("{user}/password"), None).await;
        assert_eq!(taken.status, 204, "{}", taken.body);
        expected.push((id["sid"].clone(), "password"));
        // The user is deleted, and the session's row with it.
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let id = id_claims(&tokens);
        let gone = fixture.admin().call("DELETE", &user, None).await;
        assert_eq!(gone.status, 204, "{}", gone.body);
        expected.push((id["sid"].clone(), "deleted"));
        fixture.app.tick().await.unwrap();
        for (sid, reason) in expected {
            let rows = deliveries(&fixture, &format!("?session_id={}", sid.as_str().unwrap())).await;
            assert_eq!(rows.len(), 1, "{reason}");
            assert_eq!(
                (&rows[0]["reason"], &rows[0]["state"]),
                (&json!(reason), &json!("delivered"))
            );
            let told = receiver
                .tokens()
                .iter()
                .filter(|token| claims(token)["sid"] == sid)
                .count();
            assert_eq!(told, 1, "{reason}");
        }
    }
);

scenario!(a_private_address_is_not_called, |fixture: Fixture| async move {
    fixture.connect().await;
    let metadata = json!({ "metadata": { "backchannel_logout_uri": "http://[::1]:9/backchannel" } });
    let portal = fixture.portal("wiki", metadata).await;
    let browser = fixture.browser();
    let tokens = portal.tokens(&fixture, &browser, sample::NORMAL).await;
    sign_out(&fixture, &browser, &tokens).await;
    fixture.wait_for_background_work().await;
    let row = deliveries(&fixture, "").await.remove(0);
    assert_eq!((&row["state"], &row["last_status"]), (&json!("pending"), &Value::Null));
    assert!(row["last_error"].as_str().unwrap().starts_with("OB-102"), "{row}");
});

scenario!(
    deliveries_are_listed_by_portal_session_user_and_state,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let receiver = LogoutReceiver::listen();
        let portal = listening(&fixture, "wiki", &receiver).await;
        let mut ids = Vec::new();
        for _ in 0..3 {
            let browser = fixture.browser();
            let tokens = portal.tokens(&fixture, &browser, sample::NORMAL).await;
            sign_out(&fixture, &browser, &tokens).await;
            ids.push(id_claims(&tokens));
        }
        fixture.wait_for_background_work().await;
        let (sid, sub) = (ids[1]["sid"].as_str().unwrap(), ids[1]["sub"].as_str().unwrap());
        for (query, count) in [
            ("?client_id=wiki".to_owned(), 3),
            (format!("?client_id={}", portal.id), 3),
            ("?client_id=nobody".to_owned(), 0),
            (format!("?session_id={sid}"), 1),
            (format!("?user_id={sub}&state=delivered"), 3),
            (format!("?user_id={sid}"), 0),
            ("?state=abandoned".to_owned(), 0),
            ("?limit=2".to_owned(), 2),
        ] {
            assert_eq!(deliveries(&fixture, &query).await.len(), count, "{query}");
        }
        let first = fixture.admin().get("logout-deliveries?limit=2").await;
        let cursor = first["next_cursor"].as_str().unwrap();
        assert_eq!(
            deliveries(&fixture, &format!("?limit=2&cursor={cursor}")).await.len(),
            1
        );
        for wrong in [
            "?state=lost",
            "?user_id=x",
            "?session_id=%00",
            "?client_id=%00",
            "?cursor=x",
            "?nonsense=1",
        ] {
            let reply = fixture
                .admin()
                .call("GET", &format!("logout-deliveries{wrong}"), None)
                .await;
            assert!((400..500).contains(&reply.status), "{wrong}: {}", reply.status);
        }
        let unknown = format!("logout-deliveries/{sub}");
        assert_eq!(fixture.admin().call("GET", &unknown, None).await.status, 404);
        assert_eq!(
            fixture
                .admin()
                .call("POST", &format!("{unknown}/retry"), None)
                .await
                .status,
            404
        );
    }
);
