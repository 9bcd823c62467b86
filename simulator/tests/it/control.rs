//! The control API.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use simulator::sample::{AGENT_ID, CORP};

use crate::stage::{NOW, Stage, errcode, sample};

async fn call(stage: &Stage, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
    let reply = stage
        .http
        .request(method, stage.url(&format!("/_sim{path}")))
        .json(&body)
        .send()
        .await
        .unwrap();
    (reply.status(), reply.json().await.unwrap())
}

async fn accepted(stage: &Stage, method: Method, path: &str, body: Value) -> Value {
    let (status, reply) = call(stage, method, path, body).await;
    assert_eq!(status, StatusCode::OK, "{path}: {reply}");
    reply
}

#[actix_web::test]
async fn members_can_be_changed_added_renamed_and_removed() {
    let stage = sample().await;
    let members = format!("/corps/{CORP}/members");
    accepted(&stage, Method::PATCH, &format!("{members}/lihua"), json!({"status": 2})).await;
    assert_eq!(stage.as_app("user/get?userid=lihua").await["status"], 2);
    accepted(
        &stage,
        Method::PATCH,
        &format!("{members}/lihua"),
        json!({"userid": "lihua2"}),
    )
    .await;
    assert_eq!(errcode(&stage.as_app("user/get?userid=lihua2").await), 0);
    let new = json!({"userid": "newbie", "name": "新人", "departments": [{"department": 3}], "status": 1});
    accepted(&stage, Method::POST, &members, new).await;
    assert_eq!(stage.as_app("user/get?userid=newbie").await["name"], "新人");
    accepted(&stage, Method::DELETE, &format!("{members}/newbie"), Value::Null).await;
    assert_eq!(errcode(&stage.as_app("user/get?userid=newbie").await), 60111);
    let (status, _) = call(
        &stage,
        Method::PATCH,
        &format!("{members}/zhangsan"),
        json!({"statsu": 2}),
    )
    .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let (status, _) = call(&stage, Method::PATCH, &format!("{members}/nobody"), json!({})).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn scopes_corps_and_switches_can_be_changed() {
    let stage = sample().await;
    accepted(
        &stage,
        Method::PUT,
        &format!("/corps/{CORP}/apps/{AGENT_ID}/scope"),
        json!({"users": ["waibu01"]}),
    )
    .await;
    assert_eq!(errcode(&stage.as_app("user/get?userid=waibu01").await), 0);
    assert_eq!(errcode(&stage.as_app("user/get?userid=lihua").await), 60111);
    accepted(&stage, Method::PATCH, "/switches", json!({"not_visible_code": 60011})).await;
    assert_eq!(errcode(&stage.as_app("user/get?userid=lihua").await), 60011);
    accepted(
        &stage,
        Method::PATCH,
        &format!("/corps/{CORP}"),
        json!({"contacts_ip_is_new": false}),
    )
    .await;
    assert_eq!(errcode(&stage.as_contacts("user/get?userid=lihua").await), 0);
    accepted(
        &stage,
        Method::PATCH,
        &format!("/corps/{CORP}/apps/{AGENT_ID}"),
        json!({"closed": true}),
    )
    .await;
    accepted(&stage, Method::PUT, "/caller-ip", json!("203.0.113.9")).await;
    assert_eq!(
        accepted(&stage, Method::GET, "/world", Value::Null).await["caller_ip"],
        "203.0.113.9"
    );
}

#[actix_web::test]
async fn time_tokens_faults_and_calls() {
    let stage = sample().await;
    let token = stage.app_token().await;
    assert_eq!(
        accepted(&stage, Method::POST, "/clock/advance", json!({"seconds": 60})).await["now"],
        NOW + 60
    );
    accepted(&stage, Method::POST, "/tokens/expire", json!({"code": 42001})).await;
    assert_eq!(errcode(&stage.with(&token, "tag/list").await), 42001);
    let fault = json!({"path": "/cgi-bin/tag/", "kind": {"errcode": 45033}, "count": 1});
    accepted(&stage, Method::POST, "/faults", fault).await;
    assert_eq!(errcode(&stage.as_app("tag/list").await), 45033);
    accepted(&stage, Method::DELETE, "/faults", Value::Null).await;
    let calls = accepted(&stage, Method::GET, "/calls", Value::Null).await;
    assert_eq!(calls.as_array().unwrap().last().unwrap()["errcode"], 45033);
    accepted(&stage, Method::DELETE, "/calls", Value::Null).await;
    assert_eq!(stage.sim.calls("tag/list"), 0);
}

#[actix_web::test]
async fn scenarios_and_generated_corps_are_loaded() {
    let stage = sample().await;
    let scenario = include_str!("../../scenarios/leaver.toml");
    let reply = stage
        .http
        .post(stage.url("/_sim/scenario"))
        .body(scenario)
        .send()
        .await
        .unwrap();
    assert_eq!(reply.status(), StatusCode::OK);
    assert_eq!(errcode(&stage.as_app("user/get?userid=lihua").await), 60111);
    assert_eq!(stage.as_app("user/get?userid=wangwu").await["status"], 2);
    let wrong = stage
        .http
        .post(stage.url("/_sim/scenario"))
        .body("bse = 1")
        .send()
        .await
        .unwrap();
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    accepted(
        &stage,
        Method::POST,
        "/generate",
        json!({"members": 30, "departments": 3}),
    )
    .await;
    assert_eq!(
        accepted(&stage, Method::GET, "/world", Value::Null).await["corps"][2]["members"],
        30
    );
}

#[actix_web::test]
async fn events_go_out_and_unknown_calls_are_told() {
    let stage = sample().await;
    let event = json!({"corp": CORP, "owner": "contacts", "event": {"delete_user": {"userid": "lihua"}}, "count": 2});
    let reports = accepted(&stage, Method::POST, "/events", event).await;
    assert_eq!(reports.as_array().unwrap().len(), 2);
    let event = json!({"corp": CORP, "owner": {"app": AGENT_ID}, "event": {"enter_agent": {"userid": "lihua"}}, "delivery": {"tamper": "signature"}});
    accepted(&stage, Method::POST, "/events", event).await;
    let callback =
        json!({"corp": CORP, "owner": "contacts", "url": "http://127.0.0.1:1/", "token": "t", "aes_key": "short"});
    assert_eq!(
        call(&stage, Method::POST, "/callbacks", callback).await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(
        call(&stage, Method::GET, "/nothing", Value::Null).await.0,
        StatusCode::NOT_FOUND
    );
}

#[test]
fn it_runs_below_a_plain_tokio_runtime_and_stops() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let stage = sample().await;
        assert_eq!(errcode(&stage.as_app("tag/list").await), 0);
        // Another test may get the address next; it is not called so.
        stage
            .sim
            .edit(|world| world.corp_mut(CORP).unwrap().name = "stopped here".to_owned());
        let url = stage.url("/");
        // A worker may still answer on a connection it already has: what has ended is the listening.
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        stage.sim.stop().await;
        if let Ok(reply) = http.get(url).send().await {
            assert!(!reply.text().await.unwrap_or_default().contains("stopped here"));
        }
    });
}
