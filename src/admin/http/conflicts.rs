//! Handlers of conflicts: members who are not imported because they duplicate somebody, and deciding about them.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    authorization::{Caller, Configures, Operates, Reads},
    query, reply,
};
use crate::{
    admin::service::Admin,
    directory::{
        importing::{ConflictFilter, LinkInput, RenameInput, Stage},
        sync::Sync,
    },
    kernel::failure::Result,
    web::input::{JsonObject, NoBody},
};

type Reply = Result<HttpResponse>;

/// Mounts the resource. Needs `web::Data<Sync>`.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/conflicts").get(list))
        .service(web::resource("/conflicts/{id}/link").post(link))
        .service(web::resource("/conflicts/{id}/rename").post(rename))
        .service(web::resource("/conflicts/{id}/ignore").post(ignore))
        .service(web::resource("/conflicts/{id}/reopen").post(reopen));
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    cursor: Option<String>,
    limit: Option<String>,
    data_source: Option<Uuid>,
    decision: Option<String>,
}

async fn list(caller: Caller<Reads, Wanted>, sync: web::Data<Sync>) -> Reply {
    let page = query::page(caller.query.cursor.as_deref(), caller.query.limit.as_deref())?;
    let stage = query::text("decision", caller.query.decision.as_deref())?;
    let filter = ConflictFilter {
        data_source: caller.query.data_source,
        stage: stage.map(Stage::of).transpose()?,
    };
    Ok(reply::ok(&sync.conflicts(&filter, page).await?))
}

async fn link(
    caller: Caller<Configures>,
    admin: web::Data<Admin>,
    sync: web::Data<Sync>,
    id: web::Path<Uuid>,
    input: JsonObject<LinkInput>,
) -> Reply {
    sync.link_member(caller.actor(), *id, input.0.user_id).await?;
    Ok(reply::ok(&admin.directory().member(*id).await?))
}

async fn rename(
    caller: Caller<Operates>,
    admin: web::Data<Admin>,
    sync: web::Data<Sync>,
    id: web::Path<Uuid>,
    input: JsonObject<RenameInput>,
) -> Reply {
    sync.rename_member(caller.actor(), *id, &input.0.username).await?;
    Ok(reply::ok(&admin.directory().member(*id).await?))
}

async fn ignore(
    caller: Caller<Operates>,
    admin: web::Data<Admin>,
    sync: web::Data<Sync>,
    id: web::Path<Uuid>,
    _: NoBody,
) -> Reply {
    sync.ignore_conflict(caller.actor(), *id).await?;
    Ok(reply::ok(&admin.directory().member(*id).await?))
}

async fn reopen(
    caller: Caller<Operates>,
    admin: web::Data<Admin>,
    sync: web::Data<Sync>,
    id: web::Path<Uuid>,
    _: NoBody,
) -> Reply {
    sync.reopen_conflict(caller.actor(), *id).await?;
    Ok(reply::ok(&admin.directory().member(*id).await?))
}
