//! Notices: who is told of what by e-mail and webhook, when, how often, and what is known of it afterwards.

mod alerts;
mod alerts_again;
mod alerts_each;
mod alerts_from_memory;
mod alerts_of_operators;
mod command;
mod digests;
mod hostile;
mod kills;
mod mail;
mod people;
mod records;
mod replicas;
pub mod smtp_sink;
mod subscriptions;
mod webhook;
pub mod webhook_receiver;
mod wecom;
mod wecom_refusals;

use std::collections::BTreeMap;

use menjin::{
    config::seal_key,
    crypto::seal::Sealer,
    kernel::entropy::Entropy,
    notices::{NewNotice, To, Topic, enqueue},
};
use serde_json::{Value, json};
use smtp_sink::SmtpSink;

use crate::{actors::id, fixture::Fixture};

/// The sealer of an installation.
fn sealer(fixture: &Fixture) -> Sealer {
    let entropy = Entropy::system();
    let key = seal_key(&fixture.directory().join("seal.key"), false, &entropy).unwrap();
    Sealer::new(&key, entropy).unwrap()
}

/// Somebody of this name asks for access; alerts would be told by the jobs themselves.
fn asked(subject: &str, name: &str) -> NewNotice {
    NewNotice {
        topic: Topic::AccessRequested,
        data_source: None,
        subject: subject.to_owned(),
        facts: BTreeMap::from([("name".to_owned(), name.to_owned())]),
        path: Some("/console".to_owned()),
        card: None,
        to: To::Subscribers,
        until: None,
    }
}

/// Puts a notice into the outbox, in a transaction of its own; answers how many are told.
async fn tell(fixture: &Fixture, notice: &NewNotice) -> usize {
    let transaction = fixture.app.database().begin().await.unwrap();
    let now = fixture.clock.now();
    let told = enqueue(&transaction, &sealer(fixture), &Entropy::system(), now, notice).await;
    transaction.commit().await.unwrap();
    told.unwrap().len()
}

/// A channel of e-mail over this server on this machine.
pub async fn mail_channel(fixture: &Fixture, sink: &SmtpSink) -> String {
    let channel = json!({
        "kind": "email",
        "name": format!("mail {}", sink.port),
        "host": "127.0.0.1",
        "port": sink.port,
        "security": "none",
        "sender": "menjin@corp.example",
        "sender_name": "门禁",
    });
    let channel = fixture.admin().create("notice-channels", channel).await;
    id(&channel).to_owned()
}

/// Somebody is told of requests by this channel; `extra` is laid over the subscription.
async fn subscribe(fixture: &Fixture, channel: &str, extra: Value) -> Value {
    let mut body = json!({ "channel_id": channel, "address": "ops@corp.example", "topics": ["access_requested"], "language": "en" });
    crate::fixture::lay_over(&mut body, extra);
    fixture.admin().create("notice-subscriptions", body).await
}

/// Delivers what is due.
async fn tick(fixture: &Fixture) {
    fixture.app.tick().await.unwrap();
}

/// The newest notices first.
async fn notices(fixture: &Fixture, query: &str) -> Vec<Value> {
    fixture.admin().items(&format!("notices{query}")).await
}
