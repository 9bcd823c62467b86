//! Handlers of data sources, and of starting their sync by hand.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

use super::{
    authorization::{Caller, Configures, Operates, OrSync, Reads},
    precondition::Matched,
    reply,
    source_query::SourceQuery,
};
use crate::admin::openapi::{
    params::{ById, InState, Known},
    problems::{Conflict, Invalid, NotFound, TooMany},
};
use crate::directory::{
    data_source::{
        check::{CredentialCheck, CredentialCheckView},
        view::DataSourceView,
    },
    probe::view::ProbeView,
    sync_runs::RunView,
};
use crate::kernel::sorting::SortedListing;
use crate::{
    admin::service::Admin,
    directory::{
        data_source::input::{DataSourceChange, NewDataSource},
        listing::SOURCE_SORTS,
        sync::Mode,
    },
    kernel::failure::Result,
    web::input::{JsonObject, NoBody, OptionalObject},
};

type Reply = Result<HttpResponse>;

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Data sources", description = "Corps whose contacts are synced, and how their people sign in.")),
    paths(list, create, check, read, change, remove, sync, probed, probe)
)]
pub(super) struct Operations;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/data-sources").get(list).post(create))
        .service(web::resource("/data-sources/check").post(check))
        .service(
            web::resource("/data-sources/{id}")
                .get(read)
                .patch(change)
                .delete(remove),
        )
        .service(web::resource("/data-sources/{id}/sync").post(sync))
        .service(web::resource("/data-sources/{id}/probe").get(probed).post(probe));
}

/// Lists data sources.
#[utoipa::path(get, path = "/data-sources", operation_id = "list_data_sources", params(SourceQuery), responses(
    (status = 200, description = "A page of data sources.", body = SortedListing<DataSourceView>),
))]
async fn list(caller: Caller<OrSync<Reads>, SourceQuery>, admin: web::Data<Admin>) -> Reply {
    let (mut filter, page) = caller.query.wanted(&SOURCE_SORTS)?;
    filter.among = caller.sources().map(<[Uuid]>::to_vec);
    Ok(reply::ok(&admin.directory().sources(&filter, &page).await?))
}

/// Creates a data source.
///
/// Its credentials are tried live first: what WeCom refuses is told field by field in `errors` and nothing is saved, unless `save_anyway`
/// is true.
#[utoipa::path(post, path = "/data-sources", operation_id = "create_data_source", request_body = NewDataSource, responses(
    (status = 201, description = "The data source.", body = DataSourceView),
    Conflict,
    TooMany,
))]
async fn create(caller: Caller<Configures>, admin: web::Data<Admin>, input: JsonObject<NewDataSource>) -> Reply {
    let created = admin.directory().create_data_source(caller.actor(), input.0).await?;
    Ok(reply::tagged_created(
        format!("/api/v1/data-sources/{}", created.id),
        &created,
    ))
}

/// Tries credentials live without saving anything.
///
/// What WeCom refuses is told field by field in `errors`, as when a data source is created, or `data_source_id` changed; what would be a problem of a saved one is in
/// `problems`. Tries count towards the same bounds.
#[utoipa::path(post, path = "/data-sources/check", operation_id = "check_credentials", request_body = CredentialCheck, responses(
    (status = 200, description = "What was seen.", body = CredentialCheckView),
    NotFound,
    Conflict,
    TooMany,
))]
async fn check(caller: Caller<Configures>, admin: web::Data<Admin>, input: JsonObject<CredentialCheck>) -> Reply {
    let seen = admin.directory().check_credentials(caller.actor(), input.0).await?;
    Ok(reply::ok(&seen))
}

/// Reads a data source, with what is wrong with its set-up now.
#[utoipa::path(get, path = "/data-sources/{id}", operation_id = "read_data_source", params(ById, Known), responses(
    (status = 200, description = "The data source.", body = DataSourceView),
))]
async fn read(caller: Matched<OrSync<Reads>>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    caller.reaches_source(*id)?;
    caller.shown(&admin.directory().source(id.into_inner()).await?)
}

/// Changes a data source: a JSON merge patch (RFC 7396).
///
/// Credentials that change are tried live first, as when a data source is created.
#[utoipa::path(patch, path = "/data-sources/{id}", operation_id = "change_data_source", params(ById, InState), request_body = DataSourceChange, responses(
    (status = 200, description = "The data source as it is now.", body = DataSourceView),
    Conflict,
    TooMany,
))]
async fn change(
    caller: Matched<Configures>,
    admin: web::Data<Admin>,
    id: web::Path<Uuid>,
    input: JsonObject<DataSourceChange>,
) -> Reply {
    let changed = admin
        .directory()
        .change_data_source(caller.actor(), id.into_inner(), input.0, &caller.if_match);
    Ok(reply::tagged(&changed.await?))
}

/// Deletes a data source with its contacts; its people lose their access.
#[utoipa::path(delete, path = "/data-sources/{id}", operation_id = "delete_data_source", params(ById, InState), responses(
    (status = 204, description = "The data source is gone."),
    Conflict,
))]
async fn remove(caller: Matched<Configures>, admin: web::Data<Admin>, id: web::Path<Uuid>, _: NoBody) -> Reply {
    admin
        .directory()
        .delete_data_source(caller.editor(), id.into_inner(), &caller.if_match)
        .await?;
    Ok(reply::done())
}

/// What a run is to do; may be left out.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SyncRequest {
    /// Whether it is only planned or also applied; `apply` unless given.
    #[serde(default)]
    mode: Mode,
}

/// Starts a sync of a data source, or only plans one; the body may be left out.
#[utoipa::path(post, path = "/data-sources/{id}/sync", operation_id = "start_sync", params(ById), request_body = Option<SyncRequest>, responses(
    (status = 202, description = "The run, which goes on in the background.", body = RunView),
    Conflict,
    Invalid,
))]
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

/// Reads what the last probe of its credentials saw, and what is wrong.
#[utoipa::path(get, path = "/data-sources/{id}/probe", operation_id = "read_data_source_probe", params(ById), responses(
    (status = 200, description = "What the last probe saw.", body = ProbeView),
))]
async fn probed(_: Caller<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&admin.directory().source_probe(*id).await?))
}

/// Tries its credentials live, now.
#[utoipa::path(post, path = "/data-sources/{id}/probe", operation_id = "probe_data_source", params(ById), responses(
    (status = 200, description = "What the probe saw.", body = ProbeView),
    Conflict,
    TooMany,
))]
async fn probe(caller: Caller<Operates>, admin: web::Data<Admin>, id: web::Path<Uuid>, _: NoBody) -> Reply {
    Ok(reply::ok(&admin.directory().probe_source(caller.actor(), *id).await?))
}
