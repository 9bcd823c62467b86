//! Handlers of signing keys: list, and rotation by hand. Needs `web::Data<Provider>`.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use serde_json::json;

use super::{
    authorization::{Caller, Configures, Reads},
    reply,
};
use crate::{
    kernel::failure::Result,
    oidc::{Provider, keys::Alg},
    web::input::JsonObject,
};

type Reply = Result<HttpResponse>;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/keys").get(list))
        .service(web::resource("/keys/rotate").post(rotate));
}

/// Input of a rotation.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// Algorithm; all unless named.
    alg: Option<Alg>,
    /// After a leak: the old keys become invalid at once.
    #[serde(default)]
    now: bool,
}

async fn list(_: Caller<Reads>, provider: web::Data<Provider>) -> Reply {
    let keys = provider.keyring().list().await?;
    // There are never many, so there are no pages.
    Ok(reply::ok(&json!({ "items": keys, "next_cursor": null })))
}

/// Answers all keys, and under `created` the algorithms that got a new one; none, and `changed` is false, where each has a next key already.
async fn rotate(
    caller: Caller<Configures>,
    provider: web::Data<Provider>,
    JsonObject(wanted): JsonObject<Wanted>,
) -> Reply {
    let one = wanted.alg.map(|alg| [alg]);
    let algs = one.as_ref().map_or(&Alg::ALL[..], |one| &one[..]);
    let keyring = provider.keyring();
    let created = match wanted.now {
        true => keyring.replace(caller.actor(), algs).await?,
        false => keyring.rotate(caller.actor(), algs).await?,
    };
    let keys = keyring.list().await?;
    Ok(reply::ok(
        &json!({ "items": keys, "next_cursor": null, "changed": !created.is_empty(), "created": created }),
    ))
}
