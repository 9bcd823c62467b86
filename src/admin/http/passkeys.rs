//! Handlers of users' passkeys: list, remove. Nobody can set one up for another.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use utoipa::{IntoParams, OpenApi};
use uuid::Uuid;

use super::{
    authorization::{Caller, Operates, Reads},
    reply,
};
use crate::{
    admin::openapi::params::ById,
    kernel::{failure::Result, pagination::Listing},
    signin::{Journeys, passkey::PasskeyView},
    web::input::NoBody,
};

type Reply = Result<HttpResponse>;

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Passkeys", description = "Passkeys by which users sign in. Users set them up themselves.")),
    paths(list, remove)
)]
pub(super) struct Operations;

/// Mounts the resource. Needs `web::Data<Journeys>`.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/users/{id}/passkeys").get(list))
        .service(web::resource("/users/{id}/passkeys/{passkey}").delete(remove));
}

/// Which passkey of which user.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "it only describes")]
struct OnePasskey {
    /// Row id of the user.
    id: Uuid,
    /// Row id of the passkey.
    passkey: Uuid,
}

/// Lists the passkeys of a user; there are ten at most, so there is one page.
#[utoipa::path(get, path = "/users/{id}/passkeys", operation_id = "list_passkeys", params(ById), responses(
    (status = 200, description = "The passkeys, the oldest first.", body = Listing<PasskeyView>),
))]
async fn list(_: Caller<Reads>, journeys: web::Data<Journeys>, id: web::Path<Uuid>) -> Reply {
    let items = journeys.passkeys_of(id.into_inner()).await?;
    Ok(reply::ok(&Listing {
        items,
        next_cursor: None,
    }))
}

/// Removes a passkey of a user. Sessions that were opened by it go on.
#[utoipa::path(delete, path = "/users/{id}/passkeys/{passkey}", operation_id = "delete_passkey", params(OnePasskey), responses(
    (status = 204, description = "Nobody signs in by it any more."),
))]
async fn remove(
    caller: Caller<Operates>,
    journeys: web::Data<Journeys>,
    path: web::Path<(Uuid, Uuid)>,
    _: NoBody,
) -> Reply {
    let (user, passkey) = path.into_inner();
    journeys.remove_passkey(caller.editor(), user, passkey).await?;
    Ok(reply::done())
}
