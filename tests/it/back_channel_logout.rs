//! The end of sessions as portals' servers hear of it: OpenID Connect Back-Channel Logout 1.0.

mod hanging;

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::{Browser, LogoutReceiver, Portal, claims, header},
    fixture::Fixture,
    scenario,
};

/// A portal whose server listens for logouts.
pub async fn listening(fixture: &Fixture, client_id: &str, ear: &LogoutReceiver) -> Portal {
    let metadata = json!({ "metadata": { "backchannel_logout_uri": ear.address() } });
    fixture.portal(client_id, metadata).await
}

pub async fn sign_out(fixture: &Fixture, browser: &Browser, id_token: &str) {
    let url = format!("{}/oauth2/logout?id_token_hint={id_token}", fixture.base);
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
        let (wiki_ear, crm_ear, other_ear) = (
            LogoutReceiver::listen(),
            LogoutReceiver::listen(),
            LogoutReceiver::listen(),
        );
        let wiki = listening(&fixture, "wiki", &wiki_ear).await;
        let crm = listening(&fixture, "crm", &crm_ear).await;
        let other = listening(&fixture, "other", &other_ear).await;
        let deaf = fixture.portal("deaf", json!({})).await;
        let browser = fixture.browser();
        let tokens = wiki.tokens(&fixture, &browser, sample::NORMAL).await;
        for portal in [&crm, &deaf] {
            let code = browser.get(&portal.authorize_url(&[])).await.returned("code").unwrap();
            assert_eq!(portal.redeem(&code).await.status, 200);
        }
        other.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let id_token = tokens["id_token"].as_str().unwrap();
        sign_out(&fixture, &browser, id_token).await;
        // Nothing but the logout itself sets this going: no tick, no advance.
        wiki_ear.wait_for(1).await;
        crm_ear.wait_for(1).await;
        fixture.app.settle().await;
        let (said, id) = (claims(&wiki_ear.tokens()[0]), claims(id_token));
        let keys = fixture
            .http
            .get(format!("{}/oauth2/jwks", fixture.base))
            .send()
            .await
            .unwrap();
        let keys: Value = keys.json().await.unwrap();
        let head = header(&wiki_ear.tokens()[0]);
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
        assert_eq!(claims(&crm_ear.tokens()[0])["aud"], "crm");
        assert!(other_ear.heard().is_empty(), "told of a session it was not in");
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
        assert_eq!(wiki_ear.heard().len() + crm_ear.heard().len(), 2);
    }
);

// Found elsewhere: tokens that had expired before they were sent; a message that was fired once and forgotten.
scenario!(
    a_portal_that_is_down_is_told_when_it_is_back_with_a_token_of_that_moment,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let ear = LogoutReceiver::listen();
        let portal = listening(&fixture, "wiki", &ear).await;
        let browser = fixture.browser();
        let tokens = portal.tokens(&fixture, &browser, sample::NORMAL).await;
        ear.answer(503);
        sign_out(&fixture, &browser, tokens["id_token"].as_str().unwrap()).await;
        fixture.app.settle().await;
        assert_eq!(ear.heard().len(), 1);
        let row = deliveries(&fixture, "?state=pending").await.remove(0);
        assert_eq!(
            (&row["last_status"], &row["last_error"]),
            (&json!(503), &json!("heard"))
        );
        fixture.app.tick().await.unwrap();
        assert_eq!(ear.heard().len(), 1, "tried again before its pause was over");
        for pause in [5, 10, 20, 40] {
            fixture.advance(Duration::from_secs(pause));
            fixture.app.tick().await.unwrap();
        }
        assert_eq!(ear.heard().len(), 5, "the pauses double");
        // A restart in between loses nothing: another process goes on.
        let replica = fixture.replica().await.app;
        fixture.advance(Duration::from_secs(6 * 3600));
        ear.answer(204);
        replica.tick().await.unwrap();
        let said = claims(ear.tokens().last().unwrap());
        assert_eq!(said["iat"], fixture.clock.now().secs(), "minted when it was sent");
        let row = deliveries(&fixture, "?client_id=wiki").await.remove(0);
        assert_eq!((&row["state"], &row["attempts"]), (&json!("delivered"), &json!(6)));
        assert_eq!(row["last_error"], Value::Null);
    }
);

scenario!(
    a_portal_that_never_answers_is_given_up_after_a_day,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let ear = LogoutReceiver::listen();
        let portal = listening(&fixture, "wiki", &ear).await;
        let browser = fixture.browser();
        let tokens = portal.tokens(&fixture, &browser, sample::NORMAL).await;
        ear.answer(500);
        sign_out(&fixture, &browser, tokens["id_token"].as_str().unwrap()).await;
        fixture.app.settle().await;
        for _ in 0..48 {
            fixture.advance(Duration::from_secs(1800));
            fixture.app.tick().await.unwrap();
        }
        let row = deliveries(&fixture, "?state=abandoned").await.remove(0);
        let tries = ear.heard().len();
        assert!((20..48).contains(&tries), "{tries}");
        let events = fixture.admin().get("audit-events?kind=logout.undelivered").await;
        assert_eq!(events["items"].as_array().unwrap().len(), 1, "{events}");
        // An admin who mended the portal lets it be told.
        ear.answer(200);
        let path = format!("logout-deliveries/{}/retry", row["id"].as_str().unwrap());
        assert_eq!(fixture.admin().call("POST", &path, None).await.status, 202);
        fixture.app.settle().await;
        let row = deliveries(&fixture, "").await.remove(0);
        assert_eq!(row["state"], "delivered", "{row}");
        let again = fixture.admin().call("POST", &path, None).await;
        assert_eq!((again.status, &again.body["number"]), (409, &json!("OP-341")));
    }
);

scenario!(
    a_portal_that_refuses_is_asked_a_few_times_and_then_not_any_more,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let ear = LogoutReceiver::listen();
        let portal = listening(&fixture, "wiki", &ear).await;
        let browser = fixture.browser();
        let tokens = portal.tokens(&fixture, &browser, sample::NORMAL).await;
        ear.answer(400);
        sign_out(&fixture, &browser, tokens["id_token"].as_str().unwrap()).await;
        fixture.app.settle().await;
        for _ in 0..20 {
            fixture.advance(Duration::from_secs(600));
            fixture.app.tick().await.unwrap();
        }
        assert_eq!(ear.heard().len(), 6);
        let row = deliveries(&fixture, "").await.remove(0);
        assert_eq!((&row["state"], &row["last_status"]), (&json!("failed"), &json!(400)));
    }
);

scenario!(
    of_many_replicas_that_look_at_once_exactly_one_sends,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let ear = LogoutReceiver::listen();
        let portal = listening(&fixture, "wiki", &ear).await;
        let browser = fixture.browser();
        let tokens = portal.tokens(&fixture, &browser, sample::NORMAL).await;
        ear.answer(500);
        sign_out(&fixture, &browser, tokens["id_token"].as_str().unwrap()).await;
        fixture.app.settle().await;
        let mut replicas = vec![fixture.app.clone()];
        for _ in 0..4 {
            replicas.push(fixture.replica().await.app);
        }
        ear.answer(200);
        fixture.advance(Duration::from_secs(5));
        ear.hang(true);
        let looks = replicas.iter().flat_map(|replica| [replica; 20]);
        let looks: Vec<_> = looks.map(|replica| replica.tick()).collect();
        let release = async {
            ear.wait_for(2).await;
            ear.hang(false);
        };
        let (looks, ()) = tokio::join!(join_all(looks), release);
        assert!(looks.iter().all(Result::is_ok));
        assert_eq!(ear.heard().len(), 2, "the first try and one more");
    }
);

scenario!(
    a_sender_that_dies_leaves_a_row_that_is_due_again,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let ear = LogoutReceiver::listen();
        let portal = listening(&fixture, "wiki", &ear).await;
        let browser = fixture.browser();
        let tokens = portal.tokens(&fixture, &browser, sample::NORMAL).await;
        ear.hang(true);
        sign_out(&fixture, &browser, tokens["id_token"].as_str().unwrap()).await;
        ear.wait_for(1).await;
        // While that one hangs, nobody else takes the row; once its lease has run out, another one does.
        let replica = fixture.replica().await.app;
        fixture.advance(Duration::from_secs(119));
        replica.tick().await.unwrap();
        assert_eq!(ear.heard().len(), 1);
        fixture.advance(Duration::from_secs(1));
        let release = async {
            ear.wait_for(2).await;
            ear.hang(false);
        };
        let (looked, ()) = tokio::join!(replica.tick(), release);
        looked.unwrap();
        fixture.app.settle().await;
        assert_eq!(deliveries(&fixture, "?state=delivered").await.len(), 1);
    }
);

scenario!(
    whoever_ends_a_session_its_portals_are_told,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let ear = LogoutReceiver::listen();
        let portal = listening(&fixture, "wiki", &ear).await;
        let mut expected = Vec::new();
        // An admin disables the user, and enables them again.
        let browser = fixture.browser();
        let tokens = portal.tokens(&fixture, &browser, sample::NORMAL).await;
        let id = claims(tokens["id_token"].as_str().unwrap());
        let user = format!("users/{}", id["sub"].as_str().unwrap());
        fixture.admin().change(&user, json!({ "status": "disabled" })).await;
        fixture.admin().change(&user, json!({ "status": "active" })).await;
        expected.push((id["sid"].clone(), "admin"));
        // Another person signs in with the same browser.
        let tokens = portal.tokens(&fixture, &browser, sample::NORMAL).await;
        let id = claims(tokens["id_token"].as_str().unwrap());
        let shown = portal.authorize_url(&[("prompt", "login")]);
        let login = browser.open(&shown).await;
        let qr = browser.open(&login.link("/go/")).await;
        let back = fixture
            .phone()
            .scan(&browser, &qr, crate::actors::As::Member(sample::BY_TAG))
            .await;
        let page = browser.open(&back).await;
        assert!(page.returned("code").is_some(), "{}", page.body);
        expected.push((id["sid"].clone(), "replaced"));
        // Their password is taken away, and with it whatever it may have opened.
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let id = claims(tokens["id_token"].as_str().unwrap());
        let taken = fixture.admin().call("DELETE", &format!("{user}/password"), None).await;
        assert_eq!(taken.status, 204, "{}", taken.body);
        expected.push((id["sid"].clone(), "password"));
        // The user is deleted, and the session's row with it.
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let id = claims(tokens["id_token"].as_str().unwrap());
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
            let told = ear.tokens().iter().filter(|token| claims(token)["sid"] == sid).count();
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
    sign_out(&fixture, &browser, tokens["id_token"].as_str().unwrap()).await;
    fixture.app.settle().await;
    let row = deliveries(&fixture, "").await.remove(0);
    assert_eq!((&row["state"], &row["last_status"]), (&json!("pending"), &Value::Null));
    assert!(row["last_error"].as_str().unwrap().starts_with("OB-102"), "{row}");
});

scenario!(
    deliveries_are_listed_by_portal_session_user_and_state,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let ear = LogoutReceiver::listen();
        let portal = listening(&fixture, "wiki", &ear).await;
        let mut ids = Vec::new();
        for _ in 0..3 {
            let browser = fixture.browser();
            let tokens = portal.tokens(&fixture, &browser, sample::NORMAL).await;
            let id_token = tokens["id_token"].as_str().unwrap();
            sign_out(&fixture, &browser, id_token).await;
            ids.push(claims(id_token));
        }
        fixture.app.settle().await;
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
