//! Reference §13 point 8: calls which go wrong.

use simulator::world::{Fault, FaultKind};

use crate::stage::{Stage, errcode, sample};

async fn with_fault(kind: FaultKind) -> (Stage, String) {
    let stage = sample().await;
    let token = stage.app_token().await;
    stage
        .sim
        .edit(|world| world.faults.push(Fault::new("/cgi-bin/tag/", kind).times(1)));
    let url = stage.url(&format!("/cgi-bin/tag/list?access_token={token}"));
    (stage, url)
}

#[actix_web::test]
async fn error_codes() {
    for code in [-1, 45009, 45033, 60020] {
        let (stage, url) = with_fault(FaultKind::Errcode(code)).await;
        let reply: serde_json::Value = stage.http.get(&url).send().await.unwrap().json().await.unwrap();
        assert_eq!(errcode(&reply), i64::from(code));
        let reply: serde_json::Value = stage.http.get(&url).send().await.unwrap().json().await.unwrap();
        assert_eq!(errcode(&reply), 0, "once only");
    }
}

#[actix_web::test]
async fn errors_stand_in_headers_too() {
    let (stage, url) = with_fault(FaultKind::Errcode(60011)).await;
    let reply = stage.http.get(&url).send().await.unwrap();
    let headers = reply.headers().clone();
    let body: serde_json::Value = reply.json().await.unwrap();
    assert_eq!(headers["error-code"], "60011");
    assert_eq!(headers["error-msg"], body["errmsg"].as_str().unwrap());
    let fine = stage.http.get(&url).send().await.unwrap();
    assert!(fine.headers().get("error-code").is_none());
}

#[actix_web::test]
async fn html_instead_of_json() {
    let (stage, url) = with_fault(FaultKind::BadGateway).await;
    let reply = stage.http.get(&url).send().await.unwrap();
    assert_eq!(reply.status(), 502);
    assert!(reply.text().await.unwrap().starts_with("<html>"));
}

#[actix_web::test]
async fn truncated_json() {
    let (stage, url) = with_fault(FaultKind::Truncated).await;
    let text = stage.http.get(&url).send().await.unwrap().text().await.unwrap();
    assert!(
        text.starts_with('{') && serde_json::from_str::<serde_json::Value>(&text).is_err(),
        "{text}"
    );
}

#[actix_web::test]
async fn right_answers_in_pieces() {
    let (stage, url) = with_fault(FaultKind::Pieces(3)).await;
    let mut reply = stage.http.get(&url).send().await.unwrap();
    let (mut text, mut pieces) = (Vec::new(), 0);
    while let Some(piece) = reply.chunk().await.unwrap() {
        text.extend_from_slice(&piece);
        pieces += 1;
    }
    assert!(pieces > 1);
    assert_eq!(errcode(&serde_json::from_slice(&text).unwrap()), 0);
}

#[actix_web::test]
async fn codes_behind_everything_else() {
    let (stage, url) = with_fault(FaultKind::ErrcodeLast(60011)).await;
    let text = stage.http.get(&url).send().await.unwrap().text().await.unwrap();
    assert!(text.ends_with(r#","errcode":60011}"#), "{text}");
    assert_eq!(errcode(&serde_json::from_str(&text).unwrap()), 60011);
}

#[actix_web::test]
async fn broken_connections() {
    let (stage, url) = with_fault(FaultKind::Reset).await;
    let broken = match stage.http.get(&url).send().await {
        Err(_) => true,
        Ok(reply) => reply.bytes().await.is_err(),
    };
    assert!(broken);
    assert_eq!(stage.sim.calls("tag/list"), 1, "the call itself was carried out");
}

#[actix_web::test]
async fn slow_answers_are_right_answers() {
    let (stage, url) = with_fault(FaultKind::Slow(5)).await;
    let reply: serde_json::Value = stage.http.get(&url).send().await.unwrap().json().await.unwrap();
    assert_eq!(errcode(&reply), 0);
    assert_eq!(stage.sim.edit(|world| world.faults[0].count), Some(0));
}

#[actix_web::test]
async fn the_json_warning_comes_with_errcode_0_or_for_a_malformed_body() {
    let (stage, url) = with_fault(FaultKind::WrongJsonWarning).await;
    let reply: serde_json::Value = stage.http.get(&url).send().await.unwrap().json().await.unwrap();
    assert_eq!(errcode(&reply), 0);
    assert!(
        reply["errmsg"]
            .as_str()
            .unwrap()
            .contains("Warning: wrong json format.")
    );
    let path = format!("/cgi-bin/user/list_id?access_token={}", stage.contacts_token().await);
    let reply = stage.http.post(stage.url(&path)).body("{limit:").send().await.unwrap();
    assert!(reply.text().await.unwrap().contains("Warning: wrong json format."));
}

#[actix_web::test]
async fn calls_are_counted_and_logged() {
    let stage = sample().await;
    stage.as_app("tag/list").await;
    stage.as_app("user/get?userid=nobody").await;
    assert_eq!(
        (stage.sim.calls("/cgi-bin/gettoken"), stage.sim.calls("user/get")),
        (2, 1)
    );
    let last = stage.sim.call_log().pop().unwrap();
    assert_eq!(
        (last.path.as_str(), last.corp.as_str()),
        ("/cgi-bin/user/get", simulator::sample::CORP)
    );
    assert_eq!((last.errcode, last.at), (60111, crate::stage::NOW));
}
