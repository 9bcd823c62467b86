//! Sessions and consents over the admin API, and the edges of a session's life.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::sample;

use super::{answer, asking, consented, is_question};
use crate::{
    actors::{Browser, id},
    fixture::Fixture,
    scenario,
};

const IDLE: Duration = Duration::from_secs(8 * 3600);
const SECOND: Duration = Duration::from_secs(1);

async fn sessions(fixture: &Fixture, query: &str) -> Vec<Value> {
    fixture.admin().items(&format!("sessions{query}")).await
}

scenario!(
    admins_find_sessions_by_person_portal_and_life,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let (wiki, mail) = (
            fixture.portal("wiki", json!({})).await,
            fixture.portal("mail", json!({})).await,
        );
        let (one, two) = (fixture.browser(), fixture.browser());
        wiki.tokens(&fixture, &one, sample::NORMAL).await;
        fixture.advance(SECOND);
        mail.tokens(&fixture, &two, sample::BY_PICK).await;
        let person = fixture.admin().user_id(sample::NORMAL).await;
        let all = sessions(&fixture, "").await;
        assert_eq!(all.len(), 2);
        assert_eq!(all[0]["clients"], json!(["mail"]), "newest first: {all:?}");
        let of_person = sessions(&fixture, &format!("?user_id={person}")).await;
        assert_eq!(of_person.len(), 1);
        assert_eq!(of_person[0]["username"], sample::NORMAL);
        assert_eq!(of_person[0]["active"], true);
        for portal in ["wiki", wiki.id.as_str()] {
            let found = sessions(&fixture, &format!("?client_id={portal}")).await;
            assert_eq!((found.len(), &found[0]["id"]), (1, &of_person[0]["id"]), "{portal}");
        }
        assert!(sessions(&fixture, "?active=false").await.is_empty());
        let first = fixture.admin().get("sessions?limit=1").await;
        let next = first["next_cursor"].as_str().unwrap();
        let second = fixture.admin().get(&format!("sessions?limit=1&cursor={next}")).await;
        assert_eq!(
            (&second["items"][0]["id"], &second["next_cursor"]),
            (&all[1]["id"], &Value::Null)
        );
        for bad in [
            "?active=yes",
            "?user_id=x",
            "?limit=0",
            "?cursor=x",
            "?what=1",
            "?client_id=%00",
        ] {
            let status = fixture
                .admin()
                .call("GET", &format!("sessions{bad}"), None)
                .await
                .status;
            assert!((400..500).contains(&status), "{bad}: {status}");
        }
        let text = fixture.admin().get("sessions").await.to_string();
        assert!(!text.contains(&one.cookie("menjin_session").unwrap()) && !text.contains("digest"));
    }
);

scenario!(
    a_session_ended_by_an_admin_signs_nobody_in_and_refreshes_nothing,
    |fixture: Fixture| async move {
        let (wiki, browser, tokens) = fixture.signed_in().await;
        let session = sessions(&fixture, "?active=true").await.remove(0);
        let path = format!("sessions/{}", id(&session));
        let (auditor, operator) = (
            fixture.admin_with_role("auditor").await,
            fixture.admin_with_role("operator").await,
        );
        assert_eq!(auditor.call("GET", &path, None).await.status, 200);
        assert_eq!(auditor.call("DELETE", &path, None).await.status, 403);
        for _ in 0..2 {
            assert_eq!(
                operator.call("DELETE", &path, None).await.status,
                204,
                "also a second time"
            );
        }
        let refused = wiki.refresh(tokens["refresh_token"].as_str().unwrap()).await;
        assert_eq!(refused.refusal(), (400, "invalid_grant"));
        wiki.assert_ended(&tokens).await;
        wiki.assert_signed_out(&browser).await;
        let shown = fixture.admin().get(&path).await;
        assert_eq!(
            (&shown["active"], &shown["end_reason"]),
            (&json!(false), &json!("admin"))
        );
        let mut told = fixture.admin().items("audit-events?kind=configured").await;
        told.retain(|event| event["subject"] == format!("session:{}", id(&session)));
        assert_eq!(told.len(), 1, "once, by the operator: {told:?}");
        assert_eq!(told[0]["actor"], "token:operator");
        let nobody = operator
            .call("DELETE", "sessions/00000000-0000-0000-0000-000000000001", None)
            .await;
        assert_eq!(nobody.status, 404);
    }
);

scenario!(
    all_sessions_of_a_user_end_together_those_that_ran_out_too,
    |fixture: Fixture| async move {
        let (wiki, _, old) = fixture.signed_in().await;
        let others = wiki.tokens(&fixture, &fixture.browser(), sample::BY_PICK).await;
        fixture.advance(Duration::from_secs(13 * 3600));
        let young = wiki.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let person = fixture.admin().user_id(sample::NORMAL).await;
        let path = format!("users/{person}/sessions");
        let auditor = fixture.admin_with_role("auditor").await;
        assert_eq!(auditor.call("DELETE", &path, None).await.status, 403);
        let ended = fixture.admin().call("DELETE", &path, None).await;
        assert_eq!((ended.status, ended.body), (200, json!({ "ended": 2 })));
        for tokens in [&old, &young] {
            let refused = wiki.refresh(tokens["refresh_token"].as_str().unwrap()).await;
            assert_eq!(refused.body["error"], "invalid_grant");
        }
        let kept = wiki.refresh(others["refresh_token"].as_str().unwrap()).await;
        assert_eq!(kept.status, 200, "somebody else's: {}", kept.body);
        let nobody = "users/00000000-0000-0000-0000-000000000001/sessions";
        assert_eq!(fixture.admin().call("DELETE", nobody, None).await.status, 404);
    }
);

scenario!(
    a_disabled_user_has_no_active_session_and_the_list_says_why,
    |fixture: Fixture| async move {
        let (wiki, browser, tokens) = fixture.signed_in().await;
        let person = fixture.admin().user_id(sample::NORMAL).await;
        fixture.admin().disable(sample::NORMAL).await;
        assert!(sessions(&fixture, "?active=true").await.is_empty());
        let ended = sessions(&fixture, &format!("?user_id={person}&active=false")).await;
        assert_eq!(ended[0]["end_reason"], "admin");
        assert_eq!(ended[0]["clients"], json!([]));
        assert_eq!(
            wiki.refresh(tokens["refresh_token"].as_str().unwrap()).await.status,
            400
        );
        let page = browser.get(&format!("{}/account", fixture.base)).await;
        assert!(page.body.contains("You are not signed in in this browser"));
    }
);

async fn is_signed_in(fixture: &Fixture, browser: &Browser, url: &str) -> bool {
    let silent = browser.get(url).await.returned("code").is_some();
    assert_eq!(
        sessions(fixture, "?active=true").await.len(),
        usize::from(silent),
        "the list says otherwise"
    );
    silent
}

scenario!(
    a_session_lives_to_the_last_second_of_its_idle_and_absolute_lifetimes,
    |fixture: Fixture| async move {
        let wiki = fixture.connected_portal().await;
        let silent = wiki.authorize_url(&[("prompt", "none")]);
        let (idle, busy) = (fixture.browser(), fixture.browser());
        wiki.tokens(&fixture, &idle, sample::NORMAL).await;
        fixture.advance(IDLE - SECOND);
        assert!(is_signed_in(&fixture, &idle, &silent).await);
        fixture.advance(SECOND);
        assert!(is_signed_in(&fixture, &idle, &silent).await, "use prolonged it");
        fixture.advance(IDLE);
        assert!(
            !is_signed_in(&fixture, &idle, &silent).await,
            "idle for exactly its time"
        );
        let tokens = wiki.tokens(&fixture, &busy, sample::NORMAL).await;
        fixture.advance(Duration::from_secs(6 * 3600));
        assert!(is_signed_in(&fixture, &busy, &silent).await);
        fixture.advance(Duration::from_secs(6 * 3600) - SECOND);
        assert!(is_signed_in(&fixture, &busy, &silent).await);
        fixture.advance(SECOND);
        assert!(
            !is_signed_in(&fixture, &busy, &silent).await,
            "12 hours are over, however busy"
        );
        let renewed = wiki.refresh(tokens["refresh_token"].as_str().unwrap()).await;
        assert_eq!(
            renewed.status, 200,
            "a session that ran out ends no grant: {}",
            renewed.body
        );
    }
);

scenario!(admins_see_and_take_back_consents, |fixture: Fixture| async move {
    fixture.connect().await;
    let one = asking(&fixture, "expenses", json!({})).await;
    let two = asking(&fixture, "travel", json!({})).await;
    let browser = fixture.browser();
    let tokens = consented(&fixture, &one, &browser, sample::NORMAL).await;
    fixture.advance(SECOND);
    let question = browser.open(&two.authorize_url(&[])).await;
    answer(&browser, &question, "allow").await;
    let person = fixture.admin().user_id(sample::NORMAL).await;
    let path = format!("users/{person}/consents");
    let auditor = fixture.admin_with_role("auditor").await;
    let consents = auditor.items(&path).await;
    assert_eq!(consents.len(), 2);
    assert_eq!(consents[0]["client_id"], "expenses");
    assert_eq!(consents[0]["scopes"], json!(["email", "openid", "phone", "profile"]));
    assert_eq!(auditor.call("DELETE", &path, None).await.status, 403);
    let taken = fixture.admin().call("DELETE", &format!("{path}/expenses"), None).await;
    assert_eq!(taken.status, 204);
    assert_eq!(one.userinfo(tokens["access_token"].as_str().unwrap()).await.status, 401);
    assert!(is_question(&browser.open(&one.authorize_url(&[])).await));
    assert!(browser.open(&two.authorize_url(&[])).await.returned("code").is_some());
    assert_eq!(fixture.admin().call("DELETE", &path, None).await.status, 204);
    assert!(is_question(&browser.open(&two.authorize_url(&[])).await));
    let nothing = format!("{path}/nothing");
    assert_eq!(fixture.admin().call("DELETE", &nothing, None).await.status, 404);
});

scenario!(
    a_code_of_a_consent_taken_back_is_worth_nothing,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = asking(&fixture, "expenses", json!({})).await;
        let browser = fixture.browser();
        consented(&fixture, &portal, &browser, sample::NORMAL).await;
        let code = browser.get(&portal.authorize_url(&[])).await.returned("code").unwrap();
        let person = fixture.admin().user_id(sample::NORMAL).await;
        let path = format!("users/{person}/consents/expenses");
        assert_eq!(fixture.admin().call("DELETE", &path, None).await.status, 204);
        let refused = portal.redeem(&code).await;
        assert_eq!(refused.refusal(), (400, "invalid_grant"));
    }
);
