//! Handlers of data sources, and of starting their sync by hand.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    authorization::{Caller, Configures, Operates, OrSync, Reads},
    query::Paged,
    reply,
};
use crate::{
    admin::service::Admin,
    directory::{
        data_source::input::{DataSourceChange, NewDataSource},
        sync::Mode,
    },
    kernel::failure::Result,
    web::input::{JsonObject, NoBody, OptionalObject},
};

type Reply = Result<HttpResponse>;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/data-sources").get(list).post(create))
        .service(
            web::resource("/data-sources/{id}")
                .get(read)
                .patch(change)
                .delete(remove),
        )
        .service(web::resource("/data-sources/{id}/sync").post(sync))
        .service(web::resource("/data-sources/{id}/probe").get(probed).post(probe));
}

async fn list(caller: Caller<OrSync<Reads>, Paged>, admin: web::Data<Admin>) -> Reply {
    let page = caller.query.page()?;
    Ok(reply::ok(&admin.directory().sources(caller.sources(), page).await?))
}

async fn create(caller: Caller<Configures>, admin: web::Data<Admin>, input: JsonObject<NewDataSource>) -> Reply {
    let created = admin.directory().create_data_source(caller.actor(), input.0).await?;
    Ok(reply::created(format!("/api/v1/data-sources/{}", created.id), &created))
}

async fn read(caller: Caller<OrSync<Reads>>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    caller.reaches_source(*id)?;
    Ok(reply::ok(&admin.directory().source(id.into_inner()).await?))
}

async fn change(
    caller: Caller<Configures>,
    admin: web::Data<Admin>,
    id: web::Path<Uuid>,
    input: JsonObject<DataSourceChange>,
) -> Reply {
    let changed = admin
        .directory()
        .change_data_source(caller.actor(), id.into_inner(), input.0);
    Ok(reply::ok(&changed.await?))
}

async fn remove(caller: Caller<Configures>, admin: web::Data<Admin>, id: web::Path<Uuid>, _: NoBody) -> Reply {
    admin
        .directory()
        .delete_data_source(caller.actor(), id.into_inner())
        .await?;
    Ok(reply::done())
}

/// What a run is to do; applying is what is done without a word.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct SyncRequest {
    #[serde(default)]
    mode: Mode,
}

async fn sync(
    caller: Caller<OrSync<Operates>>,
    admin: web::Data<Admin>,
    id: web::Path<Uuid>,
    wanted: OptionalObject<SyncRequest>,
) -> Reply {
    caller.reaches_source(*id)?;
    let run = admin.start_sync(caller.actor(), id.into_inner(), wanted.0.mode).await?;
    Ok(reply::accepted(format!("/api/v1/sync-runs/{}", run.id), &run))
}

async fn probed(_: Caller<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&admin.directory().source_probe(*id).await?))
}

async fn probe(caller: Caller<Operates>, admin: web::Data<Admin>, id: web::Path<Uuid>, _: NoBody) -> Reply {
    Ok(reply::ok(&admin.directory().probe_source(caller.actor(), *id).await?))
}
