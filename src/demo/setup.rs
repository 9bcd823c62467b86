//! Sets the demo up through the admin REST API, as an admin with curl would.

use std::time::Duration;

use serde_json::{Value, json};

/// A client of the admin API with a token.
pub struct Admin {
    /// HTTP client.
    pub http: reqwest::Client,
    /// `public_url`.
    pub base: String,
    /// Bearer token.
    pub token: String,
}

impl Admin {
    /// Creates a corp's data source with its app, so that an auth source comes with it, and syncs it. Returns the run's counts.
    pub async fn connect_corp(&self, name: &str, corp_id: &str, secrets: (&str, i64, &str)) -> Result<Value, String> {
        let (contacts_secret, agent_id, app_secret) = secrets;
        let source = self
            .post(
                "data-sources",
                &json!({
                    "name": name,
                    "description": "demo",
                    "corp_id": corp_id,
                    "contacts_secret": contacts_secret,
                    "app": { "agent_id": agent_id, "secret": app_secret },
                    "auto_sync_hours": 4,
                    "duplicate_rule": "overwrite",
                    "login_methods": ["wecom_qr"],
                }),
            )
            .await?;
        let id = text(&source, "id");
        let run = self.post(&format!("data-sources/{id}/sync"), &json!({})).await?;
        self.finished(text(&run, "id")).await
    }

    /// Registers a portal.
    pub async fn register_portal(&self, client_id: &str, secret: &str, name: &str, home: &str) -> Result<(), String> {
        let client = json!({
            "client_id": client_id,
            "client_secret": secret,
            "name": name,
            "auth_method": "client_secret_basic",
            "redirect_uris": [format!("{home}/callback")],
            "post_logout_redirect_uris": [format!("{home}/")],
            "metadata": { "client_uri": format!("{home}/") },
        });
        self.post("clients", &client).await.map(|_| ())
    }

    async fn finished(&self, run: &str) -> Result<Value, String> {
        loop {
            let run = self
                .send(self.http.get(format!("{}/api/v1/sync-runs/{run}", self.base)))
                .await?;
            match text(&run, "state") {
                "queued" | "running" => tokio::time::sleep(Duration::from_millis(50)).await,
                "succeeded" | "incomplete" => return Ok(run.get("counts").cloned().unwrap_or_default()),
                _ => return Err(format!("the sync did not succeed: {run}")),
            }
        }
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value, String> {
        self.send(self.http.post(format!("{}/api/v1/{path}", self.base)).json(body))
            .await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Value, String> {
        let answer = request
            .bearer_auth(&self.token)
            .send()
            .await
            .map_err(|error| error.to_string())?;
        let status = answer.status();
        let body: Value = answer.json().await.map_err(|error| error.to_string())?;
        if status.is_success() {
            Ok(body)
        } else {
            Err(format!("{status}: {body}"))
        }
    }
}

fn text<'a>(object: &'a Value, key: &str) -> &'a str {
    object.get(key).and_then(Value::as_str).unwrap_or_default()
}
