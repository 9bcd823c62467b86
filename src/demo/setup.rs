//! Sets the demo up through the admin REST API, as an admin with curl would.

use std::time::Duration;

use entity::{client, json::Strings};
use reqwest::Method;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use simulator::{Owner, Simulator};

use crate::store::Database;

/// A client of the admin API with a token.
#[derive(Clone)]
pub struct Admin {
    /// HTTP client.
    pub http: reqwest::Client,
    /// `public_url`.
    pub base: String,
    /// Bearer token.
    pub token: String,
}

/// A corp of the simulated WeCom.
#[derive(Clone, Copy)]
pub struct Corp {
    /// Its name.
    pub name: &'static str,
    /// Its corp ID.
    pub corp_id: &'static str,
    /// Secret of the contacts-sync helper.
    pub contacts_secret: &'static str,
    /// The app.
    pub agent_id: u32,
    /// The app's secret.
    pub app_secret: &'static str,
}

impl Admin {
    /// Creates a corp's data source with its app, so that an auth source comes with it, and syncs it. Returns its id and the run's counts.
    pub async fn connect_corp(&self, corp: Corp) -> Result<(String, Value), String> {
        let source = self
            .post(
                "data-sources",
                &json!({
                    "name": corp.name,
                    "description": "demo",
                    "corp_id": corp.corp_id,
                    "contacts_secret": corp.contacts_secret,
                    "app": { "agent_id": corp.agent_id, "secret": corp.app_secret },
                    "auto_sync_hours": 4,
                    "duplicate_rule": "overwrite",
                    "login_methods": ["wecom_qr"],
                }),
            )
            .await?;
        let id = text(&source, "id").to_owned();
        let counts = self.sync(&id).await?;
        Ok((id, counts))
    }

    /// Syncs a data source and waits for the end. Returns the run's counts.
    pub async fn sync(&self, source: &str) -> Result<Value, String> {
        let run = self.sync_run(source).await?;
        match text(&run, "state") {
            "succeeded" | "incomplete" => Ok(run.get("counts").cloned().unwrap_or_default()),
            _ => Err(format!("the sync did not succeed: {run}")),
        }
    }

    /// Syncs a data source and waits for the end, whatever it is.
    pub async fn sync_run(&self, source: &str) -> Result<Value, String> {
        let run = self.post(&format!("data-sources/{source}/sync"), &json!({})).await?;
        let path = format!("sync-runs/{}", text(&run, "id"));
        loop {
            let run = self.get(&path).await?;
            match text(&run, "state") {
                "queued" | "running" => tokio::time::sleep(Duration::from_millis(20)).await,
                _ => return Ok(run),
            }
        }
    }

    /// Lets WeCom tell of events, as somebody would who copies the callback into WeCom's console.
    pub async fn connect_callback(
        &self,
        simulator: &Simulator,
        (corp_id, source): (&str, &str),
        owner: Owner,
    ) -> Result<(), String> {
        let word = match owner {
            Owner::Contacts => "contacts",
            Owner::App(_) => "app",
        };
        let path = format!("data-sources/{source}/callbacks");
        let issued = self.post(&path, &json!({ "owner": word })).await?;
        let (url, token, key) = (
            text(&issued, "url"),
            text(&issued, "token"),
            text(&issued, "encoding_aes_key"),
        );
        simulator.configure_callback(corp_id, owner, url, token, key).await
    }

    /// Registers a portal, which hears of logouts on loopback.
    pub async fn register_portal(
        &self,
        (client_id, secret, name): (&str, &str, &str),
        inside: &str,
    ) -> Result<(), String> {
        let client = json!({
            "client_id": client_id,
            "client_secret": secret,
            "name": name,
            "auth_method": "client_secret_basic",
            "redirect_uris": [format!("{inside}/callback")],
            "post_logout_redirect_uris": [format!("{inside}/")],
            "metadata": {
                "client_uri": format!("{inside}/"),
                "logo_uri": format!("{inside}/logo.png"),
                "backchannel_logout_uri": format!("{inside}/backchannel-logout"),
                "backchannel_logout_session_required": true,
            },
        });
        self.post("clients", &client).await.map(drop)
    }

    /// Reads.
    pub async fn get(&self, path: &str) -> Result<Value, String> {
        self.send(Method::GET, path, None).await
    }

    /// Creates or does.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, String> {
        self.send(Method::POST, path, Some(body)).await
    }

    /// Removes.
    pub async fn delete(&self, path: &str) -> Result<Value, String> {
        self.send(Method::DELETE, path, None).await
    }

    /// Does what needs no body.
    pub async fn call(&self, path: &str) -> Result<Value, String> {
        self.send(Method::POST, path, None).await
    }

    /// Changes.
    pub async fn patch(&self, path: &str, body: &Value) -> Result<Value, String> {
        self.send(Method::PATCH, path, Some(body)).await
    }

    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, String> {
        let mut request = self.http.request(method, format!("{}/api/v1/{path}", self.base));
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.bearer_auth(&self.token).send().await;
        let answer = answer.map_err(|error| error.to_string())?;
        let status = answer.status();
        let body = answer.bytes().await.map_err(|error| error.to_string())?;
        if status.is_success() {
            Ok(serde_json::from_slice(&body).unwrap_or_default())
        } else {
            Err(format!("{path}: {status}: {}", String::from_utf8_lossy(&body)))
        }
    }
}

/// Moves the addresses to which browsers come back from loopback to where the demo is told. The API would refuse them, and rightly: codes
/// travel readably over plain http. Whoever wants the demo in a network is told so.
pub async fn move_portal(database: &Database, client_id: &str, home: &str) -> Result<(), String> {
    let row = client_row(database, client_id).await?;
    let mut metadata = row.metadata;
    put(&mut metadata, "client_uri", &format!("{home}/"));
    let moved = client::ActiveModel {
        id: Set(row.id),
        metadata: Set(metadata),
        redirect_uris: Set(Strings(vec![format!("{home}/callback")])),
        post_logout_redirect_uris: Set(Strings(vec![format!("{home}/")])),
        ..Default::default()
    };
    let written = client::Entity::update(moved).exec(database.writer()).await;
    written.map(drop).map_err(|error| error.to_string())
}

/// Registers another address for logouts. Not over the API, which would check the portal's other addresses again (see [`move_portal`]).
pub async fn set_logout_address(database: &Database, client_id: &str, address: &str) -> Result<(), String> {
    let row = client_row(database, client_id).await?;
    let mut metadata = row.metadata;
    put(&mut metadata, "backchannel_logout_uri", address);
    let changed = client::ActiveModel {
        id: Set(row.id),
        metadata: Set(metadata),
        ..Default::default()
    };
    let written = client::Entity::update(changed).exec(database.writer()).await;
    written.map(drop).map_err(|error| error.to_string())
}

async fn client_row(database: &Database, client_id: &str) -> Result<client::Model, String> {
    let found = client::Entity::find().filter(client::Column::ClientId.eq(client_id));
    let row = found.one(database.reader()).await.map_err(|error| error.to_string())?;
    row.ok_or_else(|| "the portal is not registered".to_owned())
}

fn put(metadata: &mut Value, name: &str, address: &str) {
    if let Some(metadata) = metadata.as_object_mut() {
        metadata.insert(name.to_owned(), json!(address));
    }
}

/// A text of an answer; empty: it has none.
pub fn text<'a>(object: &'a Value, key: &str) -> &'a str {
    object.get(key).and_then(Value::as_str).unwrap_or_default()
}
