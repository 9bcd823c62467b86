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
    keys(&provider).await
}

async fn rotate(
    caller: Caller<Configures>,
    provider: web::Data<Provider>,
    JsonObject(wanted): JsonObject<Wanted>,
) -> Reply {
    let one = wanted.alg.map(|alg| [alg]);
    let algs = one.as_ref().map_or(&Alg::ALL[..], |one| &one[..]);
    if wanted.now {
        provider.keyring().replace(caller.actor(), algs).await?;
    } else {
        provider.keyring().rotate(caller.actor(), algs).await?;
    }
    keys(&provider).await
}

/// Lists all keys; there are never many, so there are no pages.
async fn keys(provider: &Provider) -> Reply {
    Ok(reply::ok(
        &json!({ "items": provider.keyring().list().await?, "next_cursor": null }),
    ))
}
