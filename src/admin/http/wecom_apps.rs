//! Handlers of WeCom apps (read-only: secrets are entered with data sources and auth sources, the rest is WeCom's).

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use utoipa::OpenApi;
use uuid::Uuid;

use super::{
    authorization::{Caller, Operates, Reads},
    query::Paged,
    reply,
    source_query::BoundQuery,
};
use crate::admin::openapi::{
    params::ById,
    problems::{Conflict, TooMany},
};
use crate::directory::{
    probe::view::ProbeView,
    wecom_app::view::{OutsideView, WeComAppView},
};
use crate::kernel::sorting::SortedListing;
use crate::{admin::service::Admin, directory::listing::APP_SORTS, kernel::failure::Result, web::input::NoBody};

type Reply = Result<HttpResponse>;

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "WeCom apps", description = "Apps of corps, as WeCom describes them; their secrets are entered with data sources and auth sources.")),
    paths(list, read, outside, probed, probe)
)]
pub(super) struct Operations;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/wecom-apps").get(list))
        .service(web::resource("/wecom-apps/{id}").get(read))
        .service(web::resource("/wecom-apps/{id}/probe").get(probed).post(probe))
        .service(web::resource("/wecom-apps/{id}/outside-integration-scope").get(outside));
}

/// Lists the WeCom apps that data sources and auth sources use.
#[utoipa::path(get, path = "/wecom-apps", operation_id = "list_wecom_apps", params(BoundQuery), responses(
    (status = 200, description = "A page of apps.", body = SortedListing<WeComAppView>),
))]
async fn list(caller: Caller<Reads, BoundQuery>, admin: web::Data<Admin>) -> Reply {
    let (filter, page) = caller.query.wanted(&APP_SORTS)?;
    Ok(reply::ok(&admin.directory().wecom_apps(&filter, &page).await?))
}

/// Reads a WeCom app, with what is wrong with it now.
#[utoipa::path(get, path = "/wecom-apps/{id}", operation_id = "read_wecom_app", params(ById), responses(
    (status = 200, description = "The app.", body = WeComAppView),
))]
async fn read(_: Caller<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&admin.directory().wecom_app(*id).await?))
}

/// Lists the members inside the visible scope of an app and outside that of the integration app.
#[utoipa::path(get, path = "/wecom-apps/{id}/outside-integration-scope", operation_id = "list_outside_integration_scope", params(ById, Paged), responses(
    (status = 200, description = "A page of members, and the lines of the scope that lie outside.", body = OutsideView),
))]
async fn outside(caller: Caller<Reads, Paged>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    let page = caller.query.page()?;
    let found = admin.directory().outside_integration_scope(*id, page).await?;
    Ok(reply::ok(&found))
}

/// Reads what the last probe of its credential saw, and what is wrong.
#[utoipa::path(get, path = "/wecom-apps/{id}/probe", operation_id = "read_wecom_app_probe", params(ById), responses(
    (status = 200, description = "What the last probe saw.", body = ProbeView),
))]
async fn probed(_: Caller<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&admin.directory().app_probe(*id).await?))
}

/// Tries its credential live, now.
#[utoipa::path(post, path = "/wecom-apps/{id}/probe", operation_id = "probe_wecom_app", params(ById), responses(
    (status = 200, description = "What the probe saw.", body = ProbeView),
    Conflict,
    TooMany,
))]
async fn probe(caller: Caller<Operates>, admin: web::Data<Admin>, id: web::Path<Uuid>, _: NoBody) -> Reply {
    Ok(reply::ok(&admin.directory().probe_app(caller.actor(), *id).await?))
}
