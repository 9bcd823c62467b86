//! Handlers of signing keys: list, and rotation by hand. Needs `web::Data<Provider>`.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

use super::{
    authorization::{Caller, Configures, Reads},
    reply,
};
use crate::admin::openapi::problems::Conflict;
use crate::kernel::pagination::Listing;
use crate::oidc::keys::KeyView;
use crate::{
    kernel::failure::Result,
    oidc::{Provider, keys::Alg},
    web::input::JsonObject,
};

type Reply = Result<HttpResponse>;

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Signing keys", description = "Keys that tokens are signed with.")),
    paths(list, rotate)
)]
pub(super) struct Operations;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/keys").get(list))
        .service(web::resource("/keys/rotate").post(rotate));
}

/// Which keys are rotated, and how.
#[derive(Deserialize, ToSchema)]
#[schema(as = KeyRotation)]
#[serde(deny_unknown_fields)]
struct Rotation {
    /// Algorithm whose key is rotated; null: all.
    alg: Option<Alg>,
    /// After a leak: the old keys become invalid at once, and so do tokens signed with them. False unless given.
    #[serde(default)]
    now: bool,
}

/// The keys after a rotation.
#[derive(Serialize, ToSchema)]
struct RotatedKeys {
    /// The keys as they are now.
    items: Vec<KeyView>,
    /// Always null: there is one page.
    next_cursor: Option<Uuid>,
    /// Whether anything changed.
    changed: bool,
    /// The algorithms that got a new key.
    created: Vec<Alg>,
}

/// Lists signing keys; there are never many, so there is one page.
#[utoipa::path(get, path = "/keys", operation_id = "list_keys", responses(
    (status = 200, description = "The keys.", body = Listing<KeyView>),
))]
async fn list(_: Caller<Reads>, provider: web::Data<Provider>) -> Reply {
    let keys = provider.keyring().list().await?;
    // There are never many, so there are no pages.
    Ok(reply::ok(&Listing {
        items: keys,
        next_cursor: None,
    }))
}

/// Makes the next keys, or after a leak replaces all at once.
///
/// Where each algorithm has a next key already, nothing changes, and `changed` is false.
#[utoipa::path(post, path = "/keys/rotate", operation_id = "rotate_keys", request_body = Rotation, responses(
    (status = 200, description = "The keys as they are now, and which are new.", body = RotatedKeys),
    Conflict,
))]
async fn rotate(
    caller: Caller<Configures>,
    provider: web::Data<Provider>,
    JsonObject(wanted): JsonObject<Rotation>,
) -> Reply {
    let one = wanted.alg.map(|alg| [alg]);
    let algs = one.as_ref().map_or(&Alg::ALL[..], |one| &one[..]);
    let keyring = provider.keyring();
    let created = match wanted.now {
        true => keyring.replace(caller.actor(), algs).await?,
        false => keyring.rotate(caller.actor(), algs).await?,
    };
    let keys = keyring.list().await?;
    Ok(reply::ok(&RotatedKeys {
        items: keys,
        next_cursor: None,
        changed: !created.is_empty(),
        created,
    }))
}
