//! Handlers of users' passwords and one-time codes: creating one-time links, removing. There is no way to set somebody's password, nor to
//! read it.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use utoipa::OpenApi;
use uuid::Uuid;

use super::{
    authorization::{Caller, Operates},
    reply,
};
use crate::admin::openapi::params::ById;
use crate::signin::password::{Link, LinkWanted};
use crate::{
    kernel::failure::Result,
    signin::{Journeys, password::Purpose},
    web::input::{NoBody, OptionalObject},
};

type Reply = Result<HttpResponse>;

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Passwords", description = "One-time links by which users set passwords and one-time codes. Nobody can set or read the password of another.")),
    paths(password_link, totp_link, remove_password, remove_totp, reset)
)]
pub(super) struct Operations;

/// Mounts the resources. Needs `web::Data<Journeys>`.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/users/{id}/password-link").post(password_link))
        .service(web::resource("/users/{id}/password").delete(remove_password))
        .service(web::resource("/users/{id}/totp-link").post(totp_link))
        .service(web::resource("/users/{id}/totp").delete(remove_totp))
        .service(web::resource("/users/{id}/reset").post(reset));
}

/// Lets a user in anew, who lost what they sign in by, or to whom somebody else may have it.
///
/// Password, one-time codes, passkeys and links are removed, all sessions end, and there is a link by which they set a password: all of it, or
/// nothing.
#[utoipa::path(post, path = "/users/{id}/reset", operation_id = "reset_user", params(ById), request_body = Option<LinkWanted>, responses(
    (status = 200, description = "The link, shown this once, or mailed.", body = Link),
))]
async fn reset(
    caller: Caller<Operates>,
    journeys: web::Data<Journeys>,
    id: web::Path<Uuid>,
    wanted: OptionalObject<LinkWanted>,
) -> Reply {
    let link = journeys.reset_access(caller.editor(), id.into_inner(), wanted.0.send);
    Ok(reply::ok(&link.await?))
}

/// Makes a one-time link by which a user sets a password.
#[utoipa::path(post, path = "/users/{id}/password-link", operation_id = "create_password_link", params(ById), request_body = Option<LinkWanted>, responses(
    (status = 200, description = "The link, shown this once, or mailed.", body = Link),
))]
async fn password_link(
    caller: Caller<Operates>,
    journeys: web::Data<Journeys>,
    id: web::Path<Uuid>,
    wanted: OptionalObject<LinkWanted>,
) -> Reply {
    let link = journeys.make_link(caller.editor(), (id.into_inner(), Purpose::Password), wanted.0.send);
    Ok(reply::ok(&link.await?))
}

/// Makes a one-time link by which a user sets up one-time codes.
#[utoipa::path(post, path = "/users/{id}/totp-link", operation_id = "create_totp_link", params(ById), request_body = Option<LinkWanted>, responses(
    (status = 200, description = "The link, shown this once, or mailed.", body = Link),
))]
async fn totp_link(
    caller: Caller<Operates>,
    journeys: web::Data<Journeys>,
    id: web::Path<Uuid>,
    wanted: OptionalObject<LinkWanted>,
) -> Reply {
    let link = journeys.make_link(caller.editor(), (id.into_inner(), Purpose::Totp), wanted.0.send);
    Ok(reply::ok(&link.await?))
}

/// Removes the password of a user.
#[utoipa::path(delete, path = "/users/{id}/password", operation_id = "delete_password", params(ById), responses(
    (status = 204, description = "The user has no password."),
))]
async fn remove_password(
    caller: Caller<Operates>,
    journeys: web::Data<Journeys>,
    id: web::Path<Uuid>,
    _: NoBody,
) -> Reply {
    journeys.remove_password(caller.editor(), id.into_inner()).await?;
    Ok(reply::done())
}

/// Removes the one-time codes of a user.
#[utoipa::path(delete, path = "/users/{id}/totp", operation_id = "delete_totp", params(ById), responses(
    (status = 204, description = "The user has no one-time codes."),
))]
async fn remove_totp(caller: Caller<Operates>, journeys: web::Data<Journeys>, id: web::Path<Uuid>, _: NoBody) -> Reply {
    journeys.remove_totp(caller.editor(), id.into_inner()).await?;
    Ok(reply::done())
}
