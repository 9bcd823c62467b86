//! Handlers of the branding of the pages people see.

use actix_web::{
    Error, HttpResponse,
    error::PayloadError,
    web::{self, Bytes, PayloadConfig, ServiceConfig},
};
use utoipa::{OpenApi, ToSchema};

use super::{
    authorization::{Configures, Reads},
    precondition::Matched,
    reply,
};
use crate::admin::{
    branding::model::BrandingView,
    openapi::params::{InState, Known},
};
use crate::{
    admin::{
        branding::{BrandingChange, BrandingFailure, NewBranding, Whose},
        service::Admin,
    },
    kernel::{
        failure::{Failure, Result},
        raster_image::LARGEST,
    },
    web::{
        failure::WebFailure,
        input::{JsonObject, NoBody},
    },
};

type Reply = Result<HttpResponse>;

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Branding", description = "How the pages that people see look: name, colour, logo, whom to ask.")),
    paths(read, replace, change, replace_logo, remove_logo)
)]
pub(super) struct Operations;

/// Mounts the resources.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/branding").get(read).put(replace).patch(change))
        .service(
            web::resource("/branding/logo")
                .app_data(PayloadConfig::new(LARGEST))
                .put(replace_logo)
                .delete(remove_logo),
        );
}

/// Reads the branding.
#[utoipa::path(get, path = "/branding", operation_id = "read_branding", params(Known), responses(
    (status = 200, description = "The branding.", body = BrandingView),
))]
async fn read(caller: Matched<Reads>, admin: web::Data<Admin>) -> Reply {
    caller.shown(&admin.branding(Whose::Installation).await?)
}

/// Replaces the branding, but for the logo.
#[utoipa::path(put, path = "/branding", operation_id = "replace_branding", params(InState), request_body = NewBranding, responses(
    (status = 200, description = "The branding as it is now.", body = BrandingView),
))]
async fn replace(caller: Matched<Configures>, admin: web::Data<Admin>, input: JsonObject<NewBranding>) -> Reply {
    let replaced = admin.replace_branding((caller.actor(), Whose::Installation), input.0, &caller.if_match);
    Ok(reply::tagged(&replaced.await?))
}

/// Changes the branding: a JSON merge patch (RFC 7396).
#[utoipa::path(patch, path = "/branding", operation_id = "change_branding", params(InState), request_body = BrandingChange, responses(
    (status = 200, description = "The branding as it is now.", body = BrandingView),
))]
async fn change(caller: Matched<Configures>, admin: web::Data<Admin>, input: JsonObject<BrandingChange>) -> Reply {
    let changed = admin.change_branding((caller.actor(), Whose::Installation), input.0, &caller.if_match);
    Ok(reply::tagged(&changed.await?))
}

/// Bytes of a picture.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "it only describes")]
pub(super) struct Picture(Vec<u8>);

/// Replaces the logo. The body is the file itself; what it is its first bytes say.
#[utoipa::path(put, path = "/branding/logo", operation_id = "replace_logo", params(InState), request_body(content = inline(Picture), content_type = "application/octet-stream", description = "The picture: PNG, JPEG or WebP, at most 256 KiB."), responses(
    (status = 200, description = "The branding as it is now.", body = BrandingView),
))]
async fn replace_logo(
    caller: Matched<Configures>,
    admin: web::Data<Admin>,
    body: std::result::Result<Bytes, Error>,
) -> Reply {
    let body = body.map_err(|error| unreadable(&error))?;
    let replaced = admin.replace_logo((caller.actor(), Whose::Installation), &body, &caller.if_match);
    Ok(reply::tagged(&replaced.await?))
}

/// Deletes the logo.
#[utoipa::path(delete, path = "/branding/logo", operation_id = "delete_logo", params(InState), responses(
    (status = 204, description = "The logo is gone."),
))]
async fn remove_logo(caller: Matched<Configures>, admin: web::Data<Admin>, _: NoBody) -> Reply {
    admin
        .remove_logo((caller.actor(), Whose::Installation), &caller.if_match)
        .await?;
    Ok(reply::done())
}

/// Why the body of a file could not be read.
pub(super) fn unreadable(error: &Error) -> Failure {
    match error.as_error::<PayloadError>() {
        Some(PayloadError::Overflow) => BrandingFailure::LogoTooLarge.failure(),
        _ => WebFailure::Malformed.failure().cause(error),
    }
}
