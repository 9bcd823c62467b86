//! Sync runs, for watching.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use uuid::Uuid;

use super::{
    guard::{Caller, Reads},
    query::{OfSource, Paged},
    reply,
};
use crate::{admin::Admin, kernel::failure::Result};

type Reply = Result<HttpResponse>;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/sync-runs").get(list))
        .service(web::resource("/sync-runs/{id}").get(read))
        .service(web::resource("/sync-runs/{id}/rows").get(rows));
}

async fn list(_: Caller<Reads>, admin: web::Data<Admin>, query: web::Query<OfSource>) -> Reply {
    Ok(reply::ok(
        &admin.directory().runs(query.data_source, query.page()?).await?,
    ))
}

async fn read(_: Caller<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&admin.directory().run(id.into_inner()).await?))
}

async fn rows(_: Caller<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>, query: web::Query<Paged>) -> Reply {
    let rows = admin.directory().run_rows(id.into_inner(), query.page()?).await?;
    Ok(reply::ok(&rows))
}
