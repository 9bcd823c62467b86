//! An admin with curl: the REST API and a bearer token.

use serde_json::{Value, json};

use crate::contract::Exchange;

/// An admin.
pub struct Admin {
    http: reqwest::Client,
    base: String,
    token: String,
}

/// Status and body of a reply.
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Body as JSON; null when empty.
    pub body: Value,
}

impl Reply {
    /// Status and reference number.
    pub fn refusal(&self) -> (u16, &str) {
        (self.status, self.body["number"].as_str().unwrap_or_default())
    }
}

impl Admin {
    /// An admin with this token.
    pub fn new(http: &reqwest::Client, base: &str, token: &str) -> Self {
        Self {
            http: http.clone(),
            base: base.to_owned(),
            token: token.to_owned(),
        }
    }

    /// Any request; what comes back, and what was accepted, must be as the OpenAPI document says.
    pub async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Reply {
        let (status, text) = self.status(method, path, body.clone()).await;
        let answer = if text.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&text).unwrap()
        };
        let exchange = Exchange {
            method,
            path,
            sent: body.as_ref(),
            status,
            body: &answer,
        };
        exchange.hold_against_the_document();
        Reply { status, body: answer }
    }

    /// Any request; status and body as text, for what is not JSON.
    pub async fn status(&self, method: &str, path: &str, body: Option<Value>) -> (u16, String) {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self
            .http
            .request(method, format!("{}/api/v1/{path}", self.base))
            .bearer_auth(&self.token);
        let sent = body;
        if let Some(body) = &sent {
            request = request.json(body);
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// Creates a resource, which must succeed.
    pub async fn create(&self, path: &str, body: Value) -> Value {
        let reply = self.call("POST", path, Some(body)).await;
        assert!(
            matches!(reply.status, 200..=202),
            "POST {path}: {} {}",
            reply.status,
            reply.body
        );
        reply.body
    }

    /// Reads a resource, which must exist.
    pub async fn get(&self, path: &str) -> Value {
        let reply = self.call("GET", path, None).await;
        assert_eq!(reply.status, 200, "GET {path}: {}", reply.body);
        reply.body
    }

    /// The resources of a list.
    pub async fn items(&self, path: &str) -> Vec<Value> {
        self.get(path).await["items"].as_array().unwrap().clone()
    }

    /// Changes a resource, which must succeed.
    pub async fn change(&self, path: &str, body: Value) -> Value {
        let reply = self.call("PATCH", path, Some(body)).await;
        assert_eq!(reply.status, 200, "PATCH {path}: {}", reply.body);
        reply.body
    }

    /// Starts a sync and watches it to its end.
    pub async fn sync(&self, data_source: &str) -> Value {
        let run = self
            .create(&format!("data-sources/{data_source}/sync"), json!({}))
            .await;
        self.watch(run["id"].as_str().unwrap()).await
    }

    /// Watches a run to its end.
    pub async fn watch(&self, run: &str) -> Value {
        loop {
            let run = self.get(&format!("sync-runs/{run}")).await;
            if !matches!(run["state"].as_str(), Some("queued" | "running")) {
                return run;
            }
            tokio::task::yield_now().await;
        }
    }

    /// The user with this username.
    pub async fn user(&self, username: &str) -> Value {
        let users = self.items(&format!("users?q={username}&limit=200")).await;
        let found = users.iter().find(|user| user["username"] == username);
        found
            .unwrap_or_else(|| panic!("no user {username} in {users:?}"))
            .clone()
    }

    /// The id of the user with this username.
    pub async fn user_id(&self, username: &str) -> String {
        self.user(username).await["id"].as_str().unwrap().to_owned()
    }

    /// Disables the user with this username.
    pub async fn disable(&self, username: &str) {
        let path = format!("users/{}", self.user_id(username).await);
        self.change(&path, json!({ "status": "disabled" })).await;
    }

    /// The audit event behind a reference code.
    pub async fn trace(&self, reference: &str) -> Value {
        let list = self.get(&format!("audit-events?reference={reference}")).await;
        list["items"][0].clone()
    }
}
