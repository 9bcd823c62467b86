//! Handlers of sync runs: list, read, confirm a paused run, take one back.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use uuid::Uuid;

use super::{
    authorization::{Caller, Operates, Reads},
    query::{OfSource, Paged},
    reply,
};
use crate::{admin::service::Admin, directory::sync::Sync, kernel::failure::Result, web::input::NoBody};

type Reply = Result<HttpResponse>;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/sync-runs").get(list))
        .service(web::resource("/sync-runs/{id}").get(read))
        .service(web::resource("/sync-runs/{id}/rows").get(rows))
        .service(web::resource("/sync-runs/{id}/confirm").post(confirm))
        .service(web::resource("/sync-runs/{id}/undo").post(undo));
}

async fn list(caller: Caller<Reads, OfSource>, admin: web::Data<Admin>) -> Reply {
    Ok(reply::ok(
        &admin
            .directory()
            .runs(caller.query.data_source, caller.query.page()?)
            .await?,
    ))
}

async fn read(_: Caller<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&admin.directory().run(id.into_inner()).await?))
}

async fn rows(caller: Caller<Reads, Paged>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    let rows = admin
        .directory()
        .run_rows(id.into_inner(), caller.query.page()?)
        .await?;
    Ok(reply::ok(&rows))
}

/// Confirms a paused run, which then goes on. Needs `web::Data<Sync>`.
async fn confirm(
    caller: Caller<Operates>,
    admin: web::Data<Admin>,
    sync: web::Data<Sync>,
    id: web::Path<Uuid>,
    _: NoBody,
) -> Reply {
    let run = sync.launch(sync.confirm(*id).await?);
    admin
        .note(caller.actor(), format!("sync_run:{run}"), "confirmed", &[])
        .await?;
    Ok(reply::accepted(
        format!("/api/v1/sync-runs/{run}"),
        &admin.directory().run(run).await?,
    ))
}

/// Takes a run back: a run of its own does so in the background. Needs `web::Data<Sync>`.
async fn undo(
    caller: Caller<Operates>,
    admin: web::Data<Admin>,
    sync: web::Data<Sync>,
    id: web::Path<Uuid>,
    _: NoBody,
) -> Reply {
    let run = sync.launch(sync.undo(*id).await?);
    admin
        .note(caller.actor(), format!("sync_run:{id}"), "undone", &[])
        .await?;
    Ok(reply::accepted(
        format!("/api/v1/sync-runs/{run}"),
        &admin.directory().run(run).await?,
    ))
}
