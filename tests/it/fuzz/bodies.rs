//! Bodies in every wrong form at every operation of the admin API and of registration: never a 5xx, and a refusal never repeats what was sent.
//!
//! The operations are read from the handlers' own routes, and the fields from what is told about an unknown one, so that none is forgotten.

use std::{fs, path::Path};

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    actors::{id, text},
    fixture::{ADMIN_TOKEN, Fixture},
    registration::anonymous::{initial, least, register},
    scenario,
};

/// A text and a number that no reply holds by itself.
const TEXT: &str = "Zk5wMARKERq8";
const NUMBER: u64 = 987_654_321_234;
/// Below a limit of bodies, bytes.
const MIB: usize = 1024 * 1024;
const NIL: &str = "00000000-0000-0000-0000-000000000000";

/// Method and path of every operation of the admin API.
fn operations() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/admin/http");
    let mut found = Vec::new();
    for file in fs::read_dir(folder)
        .unwrap()
        .flatten()
        .filter(|file| file.path().is_file())
    {
        let source = fs::read_to_string(file.path()).unwrap();
        for route in source.split("web::resource(\"").skip(1) {
            let (path, handlers) = route.split_once("\")").unwrap();
            let handlers = handlers.split(".service(").next().unwrap().split(';').next().unwrap();
            let methods = ["get", "post", "put", "patch", "delete"];
            let taken = methods
                .into_iter()
                .filter(|method| handlers.contains(&format!(".{method}(")));
            found.extend(taken.map(|method| (method.to_uppercase(), path.trim_start_matches('/').to_owned())));
        }
    }
    assert!(found.len() >= 50, "the routes are written otherwise: {found:?}");
    for known in [
        ("POST", "api-tokens"),
        ("PATCH", "clients/{id}"),
        ("POST", "data-sources/{id}/callbacks"),
    ] {
        assert!(found.contains(&(known.0.to_owned(), known.1.to_owned())), "{known:?}");
    }
    found
}

/// An address of the installation and the token it takes.
struct Target {
    method: Method,
    url: String,
    token: String,
}

impl Target {
    async fn send(&self, fixture: &Fixture, body: Vec<u8>) -> (u16, String) {
        let shown = String::from_utf8_lossy(&body[..body.len().min(120)]).into_owned();
        let request = fixture
            .http
            .request(self.method.clone(), &self.url)
            .bearer_auth(&self.token);
        let request = request.header("content-type", "application/json").body(body);
        let answer = request
            .send()
            .await
            .unwrap_or_else(|error| panic!("{} {shown}: {error}", self.url));
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        let told = format!("{} {} {shown}: {status} {text}", self.method, self.url);
        assert!(status < 500, "{told}");
        let repeated = text.contains("MARKER") || text.contains(&NUMBER.to_string());
        assert!(status < 400 || !repeated, "{told}");
        (status, text)
    }

    /// The fields that are known at this place, as told about an unknown one.
    async fn fields(&self, fixture: &Fixture, around: impl Fn(Value) -> Value) -> Vec<String> {
        let (_, told) = self
            .send(fixture, around(json!({ "zz": 1 })).to_string().into_bytes())
            .await;
        let problem: Value = serde_json::from_str(&told).unwrap_or_default();
        let detail = problem["detail"].as_str().unwrap_or_default();
        let list = detail.split("zz: is not known here; known are ").nth(1);
        let list = list.and_then(|list| list.split(';').next()).unwrap_or_default();
        list.split(", ")
            .filter(|name| !name.is_empty() && *name != "none")
            .map(str::to_owned)
            .collect()
    }
}

/// Values in the place of a field.
fn values() -> Vec<Value> {
    let mut deep = json!(TEXT);
    for _ in 0..100 {
        deep = json!({ TEXT: [deep] });
    }
    vec![
        json!(TEXT),
        json!(format!("{TEXT}\0")),
        json!(NUMBER),
        json!(-1.5),
        json!(true),
        json!([TEXT]),
        json!([[NUMBER, TEXT]]),
        json!({ TEXT: TEXT }),
        deep,
    ]
}

/// Bodies that are no object, or too much of one.
fn documents() -> Vec<Vec<u8>> {
    let text = |text: String| text.into_bytes();
    vec![
        Vec::new(),
        text(format!("[\"{TEXT}\",\"admin\"]")),
        text(format!("[{{\"name\":\"{TEXT}\"}}]")),
        text(NUMBER.to_string()),
        text(format!("\"{TEXT}\"")),
        b"null".to_vec(),
        text(format!("{{\"name\":{TEXT}")),
        text(format!("{{\"name\":\"{TEXT}\",\"name\":\"{TEXT}\"}}")),
        text(format!("{{\"name\":\"{TEXT}\\u0000\"}}")),
        text(format!("{{\"{TEXT}\":\"\\ud800\"}}")),
        text(format!("{{\"{TEXT}\\u0000\":{NUMBER}}}")),
        text("[".repeat(100_000)),
        text("{\"a\":".repeat(100_000)),
        text(format!("{{\"name\":\"{TEXT}{}\"}}", "x".repeat(MIB - 100))),
        text(format!("{{\"name\":\"{TEXT}{}\"}}", "x".repeat(MIB + 1))),
        text(format!("{{{}\"a\":1}}", format!("\"{TEXT}\":1,").repeat(20_000))),
        b"\xff\xfe\0".to_vec(),
    ]
}

scenario!(
    wrong_bodies_at_every_operation_never_5xx_and_are_never_repeated,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        fixture.portal("wiki", json!({})).await;
        let admin = fixture.admin();
        let user = admin.create("users", json!({ "username": "somebody" })).await;
        let auth_source = admin.items("auth-sources").await[0].clone();
        let mut fields_seen = 0;
        for (method, path) in operations() {
            let known = match path.split('/').next().unwrap() {
                "data-sources" => id(&source),
                "auth-sources" => id(&auth_source),
                "clients" => "wiki",
                "users" => id(&user),
                _ => NIL,
            };
            let place = if method == "DELETE" { NIL } else { known };
            let path = path
                .replace("{id}", place)
                .replace("{client}", "wiki")
                .replace("{move}", NIL)
                .replace("{reference}", "x");
            let target = Target {
                method: Method::from_bytes(method.as_bytes()).unwrap(),
                url: format!("{}/api/v1/{path}", fixture.base),
                token: ADMIN_TOKEN.to_owned(),
            };
            let before = (method == "PATCH").then_some(&path);
            for body in documents() {
                let list = body.starts_with(b"[\"");
                let (status, told) = target.send(&fixture, body).await;
                assert!(!list || status >= 400 || method == "GET", "{path}: {told}");
            }
            let names = target.fields(&fixture, |inner| inner).await;
            assert!(before.is_none() || !names.is_empty(), "{path} tells no fields");
            for name in &names {
                fields_seen += 1;
                for value in values() {
                    target
                        .send(&fixture, json!({ name: value }).to_string().into_bytes())
                        .await;
                }
                for inner in target.fields(&fixture, |inner| json!({ name: inner })).await {
                    // Told with its whole path, or only by its parent.
                    for value in values() {
                        target
                            .send(&fixture, json!({ name: { &inner: value } }).to_string().into_bytes())
                            .await;
                    }
                }
            }
        }
        assert!(fields_seen > 60, "{fields_seen} fields");
    }
);

scenario!(
    wrong_bodies_at_registration_never_5xx_and_are_never_repeated,
    |fixture: Fixture| async move {
        let token = initial(&fixture, 1000).await;
        let own = register(&fixture, &token, &least()).await.ok(201);
        let targets = [
            Target {
                method: Method::POST,
                url: format!("{}/oauth2/register", fixture.base),
                token,
            },
            Target {
                method: Method::PUT,
                url: text(&own, "registration_client_uri").to_owned(),
                token: text(&own, "registration_access_token").to_owned(),
            },
        ];
        let more = [
            "client_id",
            "client_secret",
            "application_type",
            "jwks",
            "jwks_uri",
            "default_max_age",
            "request_object_signing_alg",
        ];
        let names: Vec<&str> = own
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .chain(more)
            .collect();
        assert!(names.len() > 20, "{names:?}");
        for target in &targets {
            for body in documents() {
                let (status, told) = target.send(&fixture, body).await;
                assert!(status >= 400, "{told}");
            }
            for name in &names {
                for value in values() {
                    let mut body = least();
                    body["client_id"] = own["client_id"].clone();
                    body[*name] = value;
                    target.send(&fixture, body.to_string().into_bytes()).await;
                }
            }
        }
    }
);
