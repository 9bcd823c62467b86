//! Reference §8: the secret of 客户联系, its API, and events of external contacts.

use serde_json::{Value, json};
use simulator::sample::{APP_SECRET, CONTACTS_SECRET, CORP, CUSTOMER_SECRET, SUITE};
use simulator::world::CUSTOMER_CONTACT;
use simulator::{Delivery, Event, ExternalChange, ExternalContact, Owner, Push, World};

use crate::provider::provider;
use crate::receiver::{KEY, TOKEN, receiver};
use crate::stage::{Stage, errcode, stage};

const CUSTOMER: &str = "wmSampleCustomer00000000001";

async fn by(stage: &Stage, secret: &str, call: &str) -> Value {
    let token = stage.token_of(CORP, secret).await;
    stage.with(&token, &format!("externalcontact/{call}")).await
}

#[actix_web::test]
async fn the_customer_secret_is_proven_by_the_list_of_members() {
    let stage = stage(World::sample_with_suites()).await;
    let list = by(&stage, CUSTOMER_SECRET, "get_follow_user_list").await;
    assert_eq!(list["follow_user"], json!(["chuwei", "weimin"]));
    for secret in [APP_SECRET, CONTACTS_SECRET] {
        assert_eq!(
            errcode(&by(&stage, secret, "get_follow_user_list").await),
            48002,
            "{secret}"
        );
    }
    let token = stage.token_of(CORP, CUSTOMER_SECRET).await;
    for call in ["user/get?userid=lihua", "department/list", "agent/list"] {
        assert_eq!(errcode(&stage.with(&token, call).await), 48002, "{call}");
    }
    let listed = |world: &mut World| {
        let contact = &mut world.corp_mut(CORP).unwrap().customer_contact;
        contact.apps.push(simulator::sample::AGENT_ID);
    };
    stage.sim.edit(listed);
    assert_eq!(errcode(&by(&stage, APP_SECRET, "get_follow_user_list").await), 0);
}

#[actix_web::test]
async fn customers_are_listed_and_read() {
    let stage = stage(World::sample_with_suites()).await;
    let list = by(&stage, CUSTOMER_SECRET, "list?userid=chuwei").await;
    assert_eq!(list["external_userid"], json!([CUSTOMER]));
    assert_eq!(errcode(&by(&stage, CUSTOMER_SECRET, "list?userid=lihua").await), 84061);
    let one = by(&stage, CUSTOMER_SECRET, &format!("get?external_userid={CUSTOMER}")).await;
    assert_eq!(
        (&one["external_contact"]["name"], &one["external_contact"]["type"]),
        (&json!("客户 阿强"), &json!(1))
    );
    assert_eq!(one["follow_user"].as_array().unwrap().len(), 2);
    assert_eq!(
        errcode(&by(&stage, CUSTOMER_SECRET, "get?external_userid=wmNobody").await),
        40096
    );
}

fn event(change: ExternalChange) -> Event {
    Event::ExternalContact(ExternalContact {
        change,
        userid: "chuwei".to_owned(),
        external_userid: CUSTOMER.to_owned(),
        state: String::new(),
        source: "DELETE_BY_TRANSFER".to_owned(),
        fail_reason: String::new(),
    })
}

#[actix_web::test]
async fn events_go_to_the_callback_of_the_helper() {
    let (stage, receiver) = (stage(World::sample_with_suites()).await, receiver().await);
    let owner = Owner::App(CUSTOMER_CONTACT);
    stage
        .sim
        .configure_callback(CORP, owner, &receiver.url, TOKEN, KEY)
        .await
        .unwrap();
    for (names_agent, change) in [(false, "add_external_contact"), (true, "del_external_contact")] {
        stage
            .sim
            .edit(|world| world.switches.suites.customers_agentid = names_agent);
        receiver.received.lock().unwrap().raw.clear();
        let event = json!({"external_contact": {"change": change, "userid": "chuwei", "external_userid": CUSTOMER}});
        let body = json!({"corp": CORP, "owner": {"app": CUSTOMER_CONTACT}, "event": event});
        let report = stage.post("/_sim/events", &body).await;
        assert_eq!(report[0]["statuses"], json!([200]), "{report}");
        let outer = receiver.received.lock().unwrap().raw[0].1.clone();
        assert_eq!(outer.contains("2000003"), names_agent, "{outer}");
    }
    let told = receiver.told(&["Event", "ChangeType", "UserID", "ExternalUserID"]);
    assert_eq!(
        told[0],
        ["change_external_contact", "add_external_contact", "chuwei", CUSTOMER]
    );
    assert_eq!(told[1][1], "del_external_contact");
    let emitted = stage
        .sim
        .emit(
            CORP,
            owner,
            event(ExternalChange::DelExternalContact),
            Delivery::default(),
        )
        .await;
    assert_eq!(emitted.statuses, [200]);
    assert_eq!(receiver.told(&["Source"])[2], ["DELETE_BY_TRANSFER"]);
    for event in [
        json!({"external_chat": {"change": "update", "chat_id": "wrChat1", "update_detail": "add_member", "members": 2}}),
        json!({"external_tag": {"change": "delete", "id": "etTag1"}}),
    ] {
        let body = json!({"corp": CORP, "owner": {"app": CUSTOMER_CONTACT}, "event": event});
        let report = stage.post("/_sim/events", &body).await;
        assert_eq!(report[0]["statuses"], json!([200]), "{report}");
    }
    let told = receiver.told(&["Event", "ChangeType"]);
    assert_eq!(told[3], ["change_external_chat", "update"]);
    assert_eq!(told[4], ["change_external_tag", "delete"]);
    assert_eq!(
        receiver.told(&["ChatId", "UpdateDetail", "MemChangeCnt"])[3],
        ["wrChat1", "add_member", "2"]
    );
    assert_eq!(receiver.told(&["Id", "TagType"])[4], ["etTag1", "tag"]);
}

#[actix_web::test]
async fn a_suite_hears_of_customers_at_its_command_callback() {
    let provider = provider().await;
    let (corp, _) = provider.connect().await;
    provider.forget();
    let push = Push::Change {
        corp: CORP.to_owned(),
        event: event(ExternalChange::AddExternalContact),
        open_userid: None,
    };
    provider.stage.sim.push(SUITE, &push, Delivery::default()).await;
    let told = provider.told(&["InfoType", "AuthCorpId", "ChangeType", "ExternalUserID"]);
    assert_eq!(
        told,
        [[
            "change_external_contact",
            corp.as_str(),
            "add_external_contact",
            CUSTOMER
        ]]
    );
    assert!(provider.heard()[0].value("UserID").starts_with("wo"));
}
