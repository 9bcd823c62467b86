//! Reference §10: messages reach those in scope, the others are named.

use serde_json::{Value, json};
use simulator::sample::AGENT_ID;

use crate::stage::{Stage, errcode, sample};

async fn send(stage: &Stage, change: Value) -> Value {
    let mut body = json!({"touser": "lihua", "msgtype": "text", "agentid": AGENT_ID, "text": {"content": "hi"}});
    body.as_object_mut()
        .unwrap()
        .extend(change.as_object().unwrap().clone());
    let token = stage.app_token().await;
    stage
        .post(&format!("/cgi-bin/message/send?access_token={token}"), &body)
        .await
}

#[actix_web::test]
async fn the_unreachable_are_named_in_lower_case() {
    let stage = sample().await;
    let reply = send(&stage, json!({"touser": "LiHua|WAIBU01|Nobody", "toparty": "10"})).await;
    assert_eq!((errcode(&reply), &reply["invaliduser"]), (0, &json!("waibu01|nobody")));
    assert_eq!(reply["invalidparty"], "10");
    let messages = stage.sim.messages();
    assert_eq!(messages.len(), 1);
    assert_eq!(
        (messages[0].userid.as_str(), &messages[0].content),
        ("lihua", &json!({"content": "hi"}))
    );
}

#[actix_web::test]
async fn refusals() {
    let stage = sample().await;
    assert_eq!(errcode(&send(&stage, json!({"touser": "waibu01"})).await), 81013);
    assert_eq!(errcode(&send(&stage, json!({"touser": ""})).await), 82001);
    assert_eq!(errcode(&send(&stage, json!({"agentid": 1000001})).await), 301_002);
    let token = stage.contacts_token().await;
    let reply = stage
        .post(&format!("/cgi-bin/message/send?access_token={token}"), &json!({}))
        .await;
    assert_eq!(errcode(&reply), 48002);
    assert!(stage.sim.messages().is_empty());
}

#[actix_web::test]
async fn parties_tags_and_everyone() {
    let stage = sample().await;
    send(&stage, json!({"touser": "", "totag": "1"})).await;
    let mut receivers: Vec<String> = stage.sim.messages().into_iter().map(|message| message.userid).collect();
    receivers.sort();
    assert_eq!(receivers, ["biaoqian", "lihua"]);
    send(&stage, json!({"touser": "@all"})).await;
    let all = stage.sim.messages();
    assert!(all.len() > 30 && all.iter().all(|message| message.userid != "waibu01"));
}

#[actix_web::test]
async fn too_many_messages_to_one_member_vanish_without_an_error() {
    let stage = sample().await;
    stage.sim.edit(|world| world.limits.messages_per_minute = 2);
    for _ in 0..4 {
        assert_eq!(errcode(&send(&stage, json!({})).await), 0);
    }
    assert_eq!(stage.sim.messages().len(), 2);
}
