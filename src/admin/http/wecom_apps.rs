//! Handlers of WeCom apps (read-only: secrets are entered with data sources and auth sources, the rest is WeCom's).

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use uuid::Uuid;

use super::{
    authorization::{Caller, Operates, Reads},
    query::Paged,
    reply,
    source_query::BoundQuery,
};
use crate::{admin::service::Admin, directory::listing::APP_SORTS, kernel::failure::Result, web::input::NoBody};

type Reply = Result<HttpResponse>;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/wecom-apps").get(list))
        .service(web::resource("/wecom-apps/{id}").get(read))
        .service(web::resource("/wecom-apps/{id}/probe").get(probed).post(probe))
        .service(web::resource("/wecom-apps/{id}/outside-integration-scope").get(outside));
}

async fn list(caller: Caller<Reads, BoundQuery>, admin: web::Data<Admin>) -> Reply {
    let (filter, page) = caller.query.wanted(&APP_SORTS)?;
    Ok(reply::ok(&admin.directory().wecom_apps(&filter, &page).await?))
}

async fn read(_: Caller<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&admin.directory().wecom_app(*id).await?))
}

async fn outside(caller: Caller<Reads, Paged>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    let page = caller.query.page()?;
    let found = admin.directory().outside_integration_scope(*id, page).await?;
    Ok(reply::ok(&found))
}

async fn probed(_: Caller<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&admin.directory().app_probe(*id).await?))
}

async fn probe(caller: Caller<Operates>, admin: web::Data<Admin>, id: web::Path<Uuid>, _: NoBody) -> Reply {
    Ok(reply::ok(&admin.directory().probe_app(caller.actor(), *id).await?))
}
