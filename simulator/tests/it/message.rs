//! Reference §10, §12: messages reach those in scope, the others are named; what is too long is cut, what is too much vanishes or is refused.

use serde_json::{Value, json};
use simulator::sample::AGENT_ID;

use crate::stage::{Stage, errcode, sample, send};

fn words(stage: &Stage) -> Vec<Value> {
    stage
        .sim
        .messages()
        .into_iter()
        .map(|message| message.content)
        .collect()
}

fn receivers(stage: &Stage) -> Vec<String> {
    let mut receivers: Vec<String> = stage.sim.messages().into_iter().map(|message| message.userid).collect();
    receivers.sort();
    receivers
}

#[actix_web::test]
async fn the_unreachable_are_named_in_lower_case() {
    let stage = sample().await;
    let reply = send(&stage, json!({"touser": "LiHua|WAIBU01|Nobody", "toparty": "10"})).await;
    assert_eq!((errcode(&reply), &reply["invaliduser"]), (0, &json!("waibu01|nobody")));
    assert_eq!(reply["invalidparty"], "10");
    assert!(reply["msgid"].is_string() && reply.get("response_code").is_none());
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
    assert_eq!(errcode(&send(&stage, json!({"text": {"content": ""}})).await), 44004);
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
    assert_eq!(receivers(&stage), ["biaoqian", "lihua"]);
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
    stage.sim.edit(|world| {
        world.limits.messages_per_minute = 30;
        world.switches.messages.vanish_for = vec!["WangWu".to_owned()];
    });
    let reply = send(&stage, json!({"touser": "wangwu|zhangsan"})).await;
    assert_eq!((errcode(&reply), &reply["invaliduser"]), (0, &json!("")));
    assert_eq!(receivers(&stage), ["lihua", "lihua", "zhangsan"]);
}

#[actix_web::test]
async fn an_hour_has_its_own_limit() {
    let stage = sample().await;
    stage.sim.edit(|world| world.limits.messages_per_hour = 2);
    for _ in 0..3 {
        send(&stage, json!({})).await;
        stage.sim.clock().advance(61);
    }
    assert_eq!(stage.sim.messages().len(), 2);
}

#[actix_web::test]
async fn the_quota_of_a_day_refuses_the_whole_message_until_the_next() {
    let stage = sample().await;
    stage.sim.edit(|world| world.limits.messages_per_account = 0);
    assert_eq!(errcode(&send(&stage, json!({})).await), 45009);
    stage.sim.edit(|world| world.limits.messages_per_account = 1);
    let members = stage
        .sim
        .edit(|world| world.corps[simulator::sample::CORP].members.len());
    let mut sent = 0;
    while errcode(&send(&stage, json!({"touser": "lihua|zhangsan"})).await) == 0 {
        sent += 2;
        stage.sim.clock().advance(2);
    }
    assert!(sent <= members && members - sent < 2, "{sent} of {members}");
    stage.sim.clock().advance(24 * 3600);
    assert_eq!(errcode(&send(&stage, json!({})).await), 0);
}

#[actix_web::test]
async fn members_without_a_licence_are_named_apart() {
    let stage = sample().await;
    let unlicensed = vec!["lihua".to_owned()];
    stage.sim.edit(|world| world.switches.messages.unlicensed = unlicensed);
    let reply = send(&stage, json!({"touser": "lihua|zhangsan"})).await;
    assert_eq!((errcode(&reply), &reply["unlicenseduser"]), (0, &json!("lihua")));
    assert_eq!(receivers(&stage), ["zhangsan"]);
}

#[actix_web::test]
async fn long_texts_are_cut_and_addresses_need_a_scheme() {
    let stage = sample().await;
    let card = |url: &str| {
        let description = "长".repeat(300);
        json!({"msgtype": "textcard", "textcard": {"title": "t".repeat(200), "description": description, "url": url, "btntxt": "看一看这里"}})
    };
    assert_eq!(errcode(&send(&stage, card("/requests/1")).await), 45034);
    assert_eq!(errcode(&send(&stage, card("")).await), 40058);
    assert_eq!(errcode(&send(&stage, card("https://sso.corp.example/r/1")).await), 0);
    stage
        .sim
        .edit(|world| world.switches.messages.lengths_in_characters = true);
    assert_eq!(errcode(&send(&stage, card("https://sso.corp.example/r/1")).await), 0);
    let words = words(&stage);
    let length = |at: usize, field: &str| words[at][field].as_str().unwrap().chars().count();
    assert_eq!(
        (length(0, "title"), length(0, "description"), length(0, "btntxt")),
        (128, 170, 4)
    );
    assert_eq!((length(1, "title"), length(1, "description")), (128, 300));
}

#[actix_web::test]
async fn what_was_sent_within_the_interval_is_swallowed() {
    let stage = sample().await;
    let checked = |change: Value| {
        let mut body = json!({"enable_duplicate_check": 1});
        body.as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        body
    };
    for _ in 0..2 {
        let reply = send(&stage, checked(json!({}))).await;
        assert_eq!((errcode(&reply), &reply["invaliduser"]), (0, &json!("")));
    }
    assert_eq!(stage.sim.messages().len(), 1);
    send(&stage, checked(json!({"text": {"content": "other"}}))).await;
    send(&stage, checked(json!({"touser": "zhangsan"}))).await;
    send(&stage, json!({})).await;
    assert_eq!(
        stage.sim.messages().len(),
        4,
        "other words, another receiver, and unchecked"
    );
    stage.sim.clock().advance(1799);
    let swallowed = send(&stage, checked(json!({}))).await;
    assert!(swallowed.get("msgid").is_none());
    stage.sim.edit(|world| {
        world.switches.messages.swallowed_has_ids = true;
        world.switches.messages.duplicate_check_ignores_receivers = true;
    });
    send(&stage, checked(json!({"touser": "wangwu", "text": {"content": "all"}}))).await;
    let swallowed = send(
        &stage,
        checked(json!({"touser": "zhangsan", "text": {"content": "all"}})),
    )
    .await;
    assert!(swallowed["msgid"].is_string());
    assert_eq!(stage.sim.messages().len(), 5);
    stage.sim.clock().advance(1800);
    send(
        &stage,
        checked(json!({"touser": "zhangsan", "text": {"content": "all"}})),
    )
    .await;
    assert_eq!(stage.sim.messages().len(), 6);
}

#[actix_web::test]
async fn the_control_api_lists_and_forgets_messages() {
    let stage = sample().await;
    send(
        &stage,
        json!({"touser": "lihua|zhangsan", "agentid": AGENT_ID.to_string()}),
    )
    .await;
    assert_eq!(stage.get("/_sim/messages").await.as_array().unwrap().len(), 2);
    let mine = stage.get("/_sim/messages?userid=LIHUA").await;
    assert_eq!(
        (&mine[0]["userid"], mine.as_array().unwrap().len()),
        (&json!("lihua"), 1)
    );
    stage.http.delete(stage.url("/_sim/messages")).send().await.unwrap();
    assert!(stage.sim.messages().is_empty());
}
