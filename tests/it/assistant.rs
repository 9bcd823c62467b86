//! The authorisation of companies (product.md S4): the customer secret, events about customers, and the four steps in the console.

mod bounds;
mod events;
mod pages;
mod secret;

use serde_json::{Value, json};
use simulator::{
    ChatChange, Delivery, DeliveryReport, Event, ExternalChange, ExternalChat, ExternalContact, ExternalTag, Owner,
    TagChange, sample, world::CUSTOMER_CONTACT,
};

use crate::{
    actors::{id, text},
    fixture::Fixture,
};

/// Where 客户联系 of the sample corp has its callback.
pub const CUSTOMERS: Owner = Owner::App(CUSTOMER_CONTACT);
/// A customer of the sample corp.
pub const CUSTOMER: &str = "wmSampleCustomer00000000001";

/// A data source of the sample corp, not synced, with something else in the place of some members.
pub async fn source(fixture: &Fixture, extra: Value) -> Value {
    let mut body = json!({
        "name": "青云科技", "corp_id": sample::CORP, "auto_sync_hours": null,
        "app": { "agent_id": sample::AGENT_ID, "secret": sample::APP_SECRET },
    });
    crate::fixture::lay_over(&mut body, extra);
    fixture.admin().create("data-sources", body).await
}

/// Makes the callback of 客户联系 and saves it in WeCom's console, which verifies it at once. Answers what was issued.
pub async fn connect_customers(fixture: &Fixture, source: &Value) -> Value {
    let path = format!("data-sources/{}/callbacks", id(source));
    let issued = fixture
        .admin()
        .create(&path, json!({ "owner": "external_contacts" }))
        .await;
    enter(fixture, CUSTOMERS, &issued).await;
    issued
}

/// Saves what was issued in WeCom's console.
pub async fn enter(fixture: &Fixture, owner: Owner, issued: &Value) {
    let (url, token, key) = (
        text(issued, "url"),
        text(issued, "token"),
        text(issued, "encoding_aes_key"),
    );
    let saved = fixture.wecom.configure_callback(sample::CORP, owner, url, token, key);
    saved.await.unwrap();
}

/// Something between 褚薇 and a customer.
pub fn customer(change: ExternalChange, external_userid: &str) -> Event {
    Event::ExternalContact(ExternalContact {
        change,
        userid: "chuwei".to_owned(),
        external_userid: external_userid.to_owned(),
        state: "STATE-TELLTALE".to_owned(),
        source: String::new(),
        fail_reason: match change {
            ExternalChange::TransferFail => "customer_refused".to_owned(),
            _ => String::new(),
        },
    })
}

/// Something about a chat with customers.
pub fn chat(change: ChatChange) -> Event {
    Event::ExternalChat(ExternalChat {
        change,
        chat_id: "wrChat1".to_owned(),
        update_detail: String::new(),
        members: None,
    })
}

/// Something about a tag of customers.
pub fn tag(change: TagChange) -> Event {
    Event::ExternalTag(ExternalTag {
        change,
        id: "etTag1".to_owned(),
    })
}

/// Has WeCom tell something at this callback.
pub async fn told(fixture: &Fixture, owner: Owner, event: Event, delivery: Delivery) -> DeliveryReport {
    fixture.wecom.emit(sample::CORP, owner, event, delivery).await
}
