//! Handler of the verification of users' e-mail addresses: a link is mailed there. Nobody can call the address of another verified.

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
use crate::{
    admin::openapi::{
        params::ById,
        problems::{Conflict, TooMany},
    },
    kernel::failure::Result,
    signin::{Journeys, email_verification::SentVerification},
    web::input::NoBody,
};

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "E-mail verification", description = "Links by which users verify their e-mail address.")),
    paths(send)
)]
pub(super) struct Operations;

/// Mounts the resource. Needs `web::Data<Journeys>`.
pub fn routes(config: &mut ServiceConfig) {
    config.service(web::resource("/users/{id}/email-verification").post(send));
}

/// Mails a user a link by which they verify their e-mail address.
///
/// It works once, for a day, as long as the user has that address; an older one stops working. One address is mailed six links a day at most, with those for a
/// forgotten password.
#[utoipa::path(post, path = "/users/{id}/email-verification", operation_id = "create_email_verification", params(ById), responses(
    (status = 202, description = "The mail is on its way.", body = SentVerification),
    Conflict,
    TooMany,
))]
async fn send(
    caller: Caller<Operates>,
    journeys: web::Data<Journeys>,
    id: web::Path<Uuid>,
    _: NoBody,
) -> Result<HttpResponse> {
    let sent = journeys.send_verification(caller.editor(), *id).await?;
    Ok(reply::accepted(format!("/api/v1/notices?subject=user:{id}"), &sent))
}
