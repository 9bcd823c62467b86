//! Handlers of the branding of companies: what overrides, field by field, that of the installation on the pages of their people.

use actix_web::{
    Error, HttpResponse,
    web::{self, Bytes, PayloadConfig, ServiceConfig},
};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};
use uuid::Uuid;

use super::{
    authorization::{Caller, Configures, Reads},
    branding::{Picture, unreadable},
    precondition::Matched,
    query, reply,
};
use crate::{
    admin::{
        branding::{BrandingChange, BrandingView, CompanyView, NewBranding, Whose},
        openapi::params::{ById, InState, Known},
        service::Admin,
    },
    kernel::{failure::Result, pagination::Listing, raster_image::LARGEST},
    web::input::{JsonObject, NoBody},
};

type Reply = Result<HttpResponse>;

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Company branding", description = "What a company has of its own in the place of the installation's branding, on the pages of its people.")),
    paths(list, read, replace, change, remove, replace_logo, remove_logo)
)]
pub(super) struct Operations;

/// Mounts the resources.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/branding/companies").get(list))
        .service(
            web::resource("/data-sources/{id}/branding")
                .get(read)
                .put(replace)
                .patch(change)
                .delete(remove),
        )
        .service(
            web::resource("/data-sources/{id}/branding/logo")
                .app_data(PayloadConfig::new(LARGEST))
                .put(replace_logo)
                .delete(remove_logo),
        );
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Wanted {
    cursor: Option<String>,
    limit: Option<String>,
}

/// Lists the companies that have a branding of their own, the oldest data source first.
#[utoipa::path(get, path = "/branding/companies", operation_id = "list_company_brandings", params(Wanted), responses(
    (status = 200, description = "A page of companies.", body = Listing<CompanyView>),
))]
async fn list(caller: Caller<Reads, Wanted>, admin: web::Data<Admin>) -> Reply {
    let mut reading = query::Reading::default();
    let page = reading.page(caller.query.cursor.as_deref(), caller.query.limit.as_deref());
    reading.done()?;
    Ok(reply::ok(&admin.company_brandings(page).await?))
}

/// Reads what the company of a data source has of its own; null everywhere: nothing.
#[utoipa::path(get, path = "/data-sources/{id}/branding", operation_id = "read_company_branding", params(ById, Known), responses(
    (status = 200, description = "What it has of its own.", body = BrandingView),
))]
async fn read(caller: Matched<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    caller.shown(&admin.branding(Whose::Source(*id)).await?)
}

/// Replaces what a company has of its own, but for the logo.
#[utoipa::path(put, path = "/data-sources/{id}/branding", operation_id = "replace_company_branding", params(ById, InState), request_body = NewBranding, responses(
    (status = 200, description = "What it has of its own now.", body = BrandingView),
))]
async fn replace(
    caller: Matched<Configures>,
    admin: web::Data<Admin>,
    id: web::Path<Uuid>,
    input: JsonObject<NewBranding>,
) -> Reply {
    let by = (caller.actor(), Whose::Source(*id));
    let replaced = admin.replace_branding(by, input.0, &caller.if_match);
    Ok(reply::tagged(&replaced.await?))
}

/// Changes what a company has of its own: a JSON merge patch (RFC 7396).
#[utoipa::path(patch, path = "/data-sources/{id}/branding", operation_id = "change_company_branding", params(ById, InState), request_body = BrandingChange, responses(
    (status = 200, description = "What it has of its own now.", body = BrandingView),
))]
async fn change(
    caller: Matched<Configures>,
    admin: web::Data<Admin>,
    id: web::Path<Uuid>,
    input: JsonObject<BrandingChange>,
) -> Reply {
    let by = (caller.actor(), Whose::Source(*id));
    let changed = admin.change_branding(by, input.0, &caller.if_match);
    Ok(reply::tagged(&changed.await?))
}

/// Deletes what a company has of its own, logo and all: its pages bear the installation's again.
#[utoipa::path(delete, path = "/data-sources/{id}/branding", operation_id = "delete_company_branding", params(ById, InState), responses(
    (status = 204, description = "The company has nothing of its own."),
))]
async fn remove(caller: Matched<Configures>, admin: web::Data<Admin>, id: web::Path<Uuid>, _: NoBody) -> Reply {
    admin
        .remove_company_branding(caller.actor(), *id, &caller.if_match)
        .await?;
    Ok(reply::done())
}

/// Replaces the logo of a company. The body is the file itself; what it is its first bytes say.
#[utoipa::path(put, path = "/data-sources/{id}/branding/logo", operation_id = "replace_company_logo", params(ById, InState), request_body(content = inline(Picture), content_type = "application/octet-stream", description = "The picture: PNG, JPEG or WebP, at most 256 KiB."), responses(
    (status = 200, description = "What it has of its own now.", body = BrandingView),
))]
async fn replace_logo(
    caller: Matched<Configures>,
    admin: web::Data<Admin>,
    id: web::Path<Uuid>,
    body: std::result::Result<Bytes, Error>,
) -> Reply {
    let body = body.map_err(|error| unreadable(&error))?;
    let by = (caller.actor(), Whose::Source(*id));
    let replaced = admin.replace_logo(by, &body, &caller.if_match);
    Ok(reply::tagged(&replaced.await?))
}

/// Deletes the logo of a company.
#[utoipa::path(delete, path = "/data-sources/{id}/branding/logo", operation_id = "delete_company_logo", params(ById, InState), responses(
    (status = 204, description = "The company has no logo of its own."),
))]
async fn remove_logo(caller: Matched<Configures>, admin: web::Data<Admin>, id: web::Path<Uuid>, _: NoBody) -> Reply {
    let by = (caller.actor(), Whose::Source(*id));
    admin.remove_logo(by, &caller.if_match).await?;
    Ok(reply::done())
}
