//! Handlers of what people are told of themselves.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use utoipa::OpenApi;

use super::{
    authorization::{Configures, Reads},
    precondition::Matched,
    reply,
};
use crate::admin::openapi::params::{InState, Known};
use crate::{
    kernel::failure::Result,
    notices::{
        Notices,
        personal::model::{PersonalChange, PersonalView},
    },
    web::input::JsonObject,
};

type Reply = Result<HttpResponse>;

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Personal notices", description = "Which of the things that concern one person alone that person is told, as long as a channel stands.")),
    paths(read, change)
)]
pub(super) struct Operations;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(web::resource("/personal-notices").get(read).patch(change));
}

/// Reads what people are told of themselves.
#[utoipa::path(get, path = "/personal-notices", operation_id = "read_personal_notices", params(Known), responses(
    (status = 200, description = "What they are told.", body = PersonalView),
))]
async fn read(caller: Matched<Reads>, notices: web::Data<Notices>) -> Reply {
    caller.shown(&notices.personal().await?)
}

/// Changes what people are told of themselves: a JSON merge patch (RFC 7396).
#[utoipa::path(patch, path = "/personal-notices", operation_id = "change_personal_notices", params(InState), request_body = PersonalChange, responses(
    (status = 200, description = "What they are told from now on.", body = PersonalView),
))]
async fn change(caller: Matched<Configures>, notices: web::Data<Notices>, input: JsonObject<PersonalChange>) -> Reply {
    let changed = notices.change_personal(caller.actor(), &input.0, &caller.if_match);
    Ok(reply::tagged(&changed.await?))
}
