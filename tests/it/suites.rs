//! Suites: credentials of a service provider's apps over the API and the console, and what WeCom sends to their callbacks (reference 9.1, product.md §3 S5).

mod callbacks;
mod console;
mod events;
mod pushes;
mod resource;
mod tickets;

use serde_json::{Value, json};
use simulator::{
    Delivery, DeliveryReport, Push, SuiteCallback,
    crypto::{Key, encrypt, signature},
    sample,
    world::World,
};

use crate::{
    actors::{id, text},
    fixture::{Fixture, START},
};

/// WeCom with a service provider. Its tickets come when they are asked for, and not by the clock.
pub fn with_provider(fixture: &Fixture) {
    fixture.wecom.edit(|world| {
        *world = World::sample_with_suites();
        world.switches.suites.pushes_tickets = false;
    });
}

/// What an admin enters of the sample suite.
pub fn entered() -> Value {
    json!({
        "name": "云门助手", "suite_id": sample::SUITE, "secret": sample::SUITE_SECRET, "provider_corp_id": sample::PROVIDER,
    })
}

/// A suite that was entered, with Token and EncodingAESKey as they were shown once.
pub async fn suite(fixture: &Fixture) -> Value {
    with_provider(fixture);
    fixture.admin().create("suites", entered()).await
}

/// The URL of one of its callbacks.
pub fn url<'a>(suite: &'a Value, callback: &str) -> &'a str {
    let callbacks = suite["callbacks"].as_array().unwrap();
    let found = callbacks.iter().find(|one| one["callback"] == callback);
    text(found.unwrap(), "url")
}

/// Saves one of its callbacks in the provider console, which verifies it at once.
pub async fn save(fixture: &Fixture, suite: &Value, which: SuiteCallback) -> Result<(), String> {
    let word = match which {
        SuiteCallback::Command => "command",
        SuiteCallback::Data => "data",
    };
    let entered = (url(suite, word), text(suite, "token"), text(suite, "encoding_aes_key"));
    fixture
        .wecom
        .configure_suite(text(suite, "suite_id"), which, entered)
        .await
}

/// A suite whose command callback stands in WeCom.
pub async fn connected(fixture: &Fixture) -> Value {
    let suite = suite(fixture).await;
    save(fixture, &suite, SuiteCallback::Command).await.unwrap();
    suite
}

/// WeCom pushes this, and whatever follows is waited for.
pub async fn push(fixture: &Fixture, push: Push, delivery: Delivery) -> DeliveryReport {
    let report = fixture.wecom.push(sample::SUITE, &push, delivery).await;
    fixture.wait_for_background_work().await;
    report
}

/// A ticket arrives.
pub async fn ticket(fixture: &Fixture) {
    let report = push(fixture, Push::SuiteTicket, Delivery::default()).await;
    assert!(report.taken, "{report:?}");
}

/// The suite as it is shown now.
pub async fn shown(fixture: &Fixture, suite: &Value) -> Value {
    fixture.admin().get(&format!("suites/{}", id(suite))).await
}

/// Numbers of what is wrong with it now.
pub async fn problems(fixture: &Fixture, suite: &Value) -> Vec<String> {
    let shown = shown(fixture, suite).await;
    let problems = shown["problems"].as_array().unwrap();
    problems.iter().map(|one| text(one, "number").to_owned()).collect()
}

/// A message, sealed and signed.
pub struct Sealed<'a> {
    /// Token and EncodingAESKey.
    pub keys: (&'a str, &'a str),
    /// Receive id.
    pub receive_id: &'a str,
    /// The message.
    pub message: &'a str,
    /// Seconds after [`START`].
    pub after: i64,
    /// Any.
    pub nonce: &'a str,
}

impl Sealed<'_> {
    fn parts(&self) -> (String, Vec<(&'static str, String)>) {
        let key = Key::parse(self.keys.1).unwrap();
        let encrypted = encrypt(&key, *b"0123456789abcdef", self.message.as_bytes(), self.receive_id);
        let timestamp = (START + self.after).to_string();
        let signed = signature(self.keys.0, &timestamp, self.nonce, &encrypted);
        let query = vec![
            ("msg_signature", signed),
            ("timestamp", timestamp),
            ("nonce", self.nonce.to_owned()),
        ];
        (encrypted, query)
    }

    /// Delivers it as WeCom does; status and body of the reply.
    pub async fn deliver(&self, fixture: &Fixture, url: &str) -> (u16, String) {
        let (encrypted, query) = self.parts();
        let url = reqwest::Url::parse_with_params(url, query).unwrap();
        let body = format!("<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>");
        let answer = fixture.http.post(url).body(body).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// Asks for it as an echo; status and body of the reply.
    pub async fn verify(&self, fixture: &Fixture, url: &str) -> (u16, String) {
        let (encrypted, mut query) = self.parts();
        query.push(("echostr", encrypted));
        let url = reqwest::Url::parse_with_params(url, query).unwrap();
        let answer = fixture.http.get(url).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

/// Something signed by whoever holds Token and EncodingAESKey of this suite.
pub fn sealed<'a>(suite: &'a Value, message: &'a str) -> Sealed<'a> {
    Sealed {
        keys: (text(suite, "token"), text(suite, "encoding_aes_key")),
        receive_id: text(suite, "suite_id"),
        message,
        after: 0,
        nonce: "n",
    }
}
