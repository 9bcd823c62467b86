//! The one style of the admin REST API: idempotency keys, entity tags and preconditions, faults field by field, lists.

mod entity_tags;
mod field_faults;
mod idempotency;
mod lists;
mod replaced_as_a_whole;

use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::fixture::{ADMIN_TOKEN, Fixture};

/// Status, headers and body of an answer.
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, byte by byte.
    pub text: String,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Its entity tag.
    pub fn tag(&self) -> String {
        self.header("etag").expect("no ETag").to_owned()
    }

    /// Status and reference number.
    pub fn refusal(&self) -> (u16, String) {
        let number = self.json()["number"].as_str().unwrap_or_default().to_owned();
        (self.status, number)
    }
}

/// A request of the admin with these headers.
pub async fn send(
    fixture: &Fixture,
    request: (&str, &str),
    headers: &[(&'static str, &str)],
    body: Option<Value>,
) -> Answer {
    send_to(fixture, (&fixture.base, ADMIN_TOKEN), request, headers, body).await
}

/// As [`send`], to this server with this token.
pub async fn send_to(
    fixture: &Fixture,
    (base, token): (&str, &str),
    (method, path): (&str, &str),
    headers: &[(&'static str, &str)],
    body: Option<Value>,
) -> Answer {
    let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
    let mut request = fixture
        .http
        .request(method, format!("{base}/api/v1/{path}"))
        .bearer_auth(token);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if let Some(body) = body {
        request = request.json(&body);
    }
    let answer = request.send().await.unwrap();
    Answer {
        status: answer.status().as_u16(),
        headers: answer.headers().clone(),
        text: answer.text().await.unwrap(),
    }
}
