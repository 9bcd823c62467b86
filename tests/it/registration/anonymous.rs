//! Somebody who registers a client without an admin.

use serde_json::{Value, json};

use crate::{
    actors::{Portal, text},
    fixture::Fixture,
};

/// A reply of the registration endpoints.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub challenge: Option<String>,
    pub cache: Option<String>,
    pub body: Value,
}

impl Reply {
    /// Refused with this status, error and number.
    pub fn refused(self, status: u16, error: &str, number: &str) -> Self {
        assert_eq!(
            (self.status, self.body["error"].as_str()),
            (status, Some(error)),
            "{self:?}"
        );
        let description = self.body["error_description"].as_str().unwrap();
        assert!(description.starts_with(number), "{number}: {description}");
        let clean = description
            .chars()
            .all(|c| matches!(c, ' '..='~') && c != '"' && c != '\\');
        assert!(clean, "{description}");
        assert!(self.body["reference"].is_string());
        assert_eq!(self.cache.as_deref(), Some("no-store"));
        let challenged = self
            .challenge
            .as_deref()
            .is_some_and(|text| text.starts_with("Bearer "));
        assert_eq!(challenged, status == 401, "{:?}", self.challenge);
        self
    }

    pub fn ok(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.cache.as_deref(), Some("no-store"));
        self.body
    }
}

/// An initial access token for this many clients.
pub async fn initial(fixture: &Fixture, max_uses: u32) -> String {
    let body = json!({ "name": "partners", "max_uses": max_uses });
    let made = fixture.admin().create("initial-access-tokens", body).await;
    text(&made, "token").to_owned()
}

/// Any request with this token and JSON body.
pub async fn send(fixture: &Fixture, method: &str, url: &str, token: Option<&str>, body: Option<&Value>) -> Reply {
    let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
    let mut request = fixture.http.request(method, url);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if let Some(body) = body {
        request = request.json(body);
    }
    reply(request).await
}

/// What a request is answered.
pub async fn reply(request: reqwest::RequestBuilder) -> Reply {
    let answer = request.send().await.unwrap();
    let header = |name: &str| {
        answer
            .headers()
            .get(name)
            .map(|value| value.to_str().unwrap().to_owned())
    };
    let (challenge, cache) = (header("www-authenticate"), header("cache-control"));
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    Reply {
        status,
        challenge,
        cache,
        body: serde_json::from_str(&text).unwrap_or(Value::Null),
    }
}

/// Registers.
pub async fn register(fixture: &Fixture, token: &str, body: &Value) -> Reply {
    send(
        fixture,
        "POST",
        &format!("{}/oauth2/register", fixture.base),
        Some(token),
        Some(body),
    )
    .await
}

/// A client that registered itself with this, whose people are not asked: an admin said so.
pub async fn registered_without_consent(fixture: &Fixture, body: &Value) -> Portal {
    let made = register(fixture, &initial(fixture, 1).await, body).await.ok(201);
    let path = format!("clients/{}", text(&made, "client_id"));
    let implicit = json!({ "metadata": { "consent": "implicit" } });
    fixture.admin().change(&path, implicit).await;
    Portal::registered(fixture, &made)
}

/// Reads, replaces or deletes the registration of this answer.
pub async fn manage(fixture: &Fixture, method: &str, own: &Value, body: Option<&Value>) -> Reply {
    let (url, token) = (&own["registration_client_uri"], &own["registration_access_token"]);
    send(fixture, method, url.as_str().unwrap(), token.as_str(), body).await
}

/// The least a client can say.
pub fn least() -> Value {
    json!({ "redirect_uris": ["https://grafana.portal.example/callback"] })
}

/// The least with one member more.
pub fn with(name: &str, value: Value) -> Value {
    let mut body = least();
    body[name] = value;
    body
}
