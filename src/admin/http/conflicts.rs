//! Handlers of conflicts: members who are not imported because they duplicate somebody, and deciding about them.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};
use uuid::Uuid;

use super::{
    authorization::{Caller, Configures, Operates, Reads},
    download::Download,
    export::{CSV, Export, streamed_in_order},
    listed::listed,
    query, reply,
};
use crate::admin::openapi::{params::ById, problems::Conflict};
use crate::directory::{contacts::MemberView, importing::model::ConflictView};
use crate::kernel::sorting::{SortedListing, SortedPage};
use crate::{
    admin::{csv_rows, service::Admin},
    directory::{
        importing::{CONFLICT_SORTS, ConflictFilter, LinkInput, RenameInput, Stage},
        sync::Sync,
    },
    kernel::failure::Result,
    web::input::{JsonObject, NoBody},
};

type Reply = Result<HttpResponse>;

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Conflicts", description = "Members who are not imported by the rules, until an admin decides.")),
    paths(list, export, link, rename, ignore, reopen)
)]
pub(super) struct Operations;

/// Mounts the resource. Needs `web::Data<Sync>`.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/conflicts").get(list))
        .service(web::resource("/conflicts.csv").get(export))
        .service(web::resource("/conflicts/{id}/link").post(link))
        .service(web::resource("/conflicts/{id}/rename").post(rename))
        .service(web::resource("/conflicts/{id}/ignore").post(ignore))
        .service(web::resource("/conflicts/{id}/reopen").post(reopen));
}

listed!(Wanted, WantedExport, #[param(pattern = "^-?(created_at|userid)$")] {
    /// Only of the data source with this row id.
    data_source: Option<Uuid>,
    /// Only those of which this became.
    #[param(value_type = Option<Stage>, inline)]
    decision: Option<String>,
});

/// Lists conflicts.
#[utoipa::path(get, path = "/conflicts", operation_id = "list_conflicts", params(Wanted), responses(
    (status = 200, description = "A page of conflicts.", body = SortedListing<ConflictView>),
))]
async fn list(caller: Caller<Reads, Wanted>, sync: web::Data<Sync>) -> Reply {
    let (page, wanted) = caller.query.split();
    let mut reading = query::Reading::default();
    let page = reading.sorted(&CONFLICT_SORTS, page.each_ref());
    let filter = filter(reading, &wanted)?;
    Ok(reply::ok(&sync.conflicts(&filter, &page).await?))
}

/// The wanted conflicts; whatever is wrong with the query is told here.
fn filter(mut reading: query::Reading, wanted: &WantedExport) -> Result<ConflictFilter> {
    let stage = reading.word("decision", wanted.decision.as_deref(), &Stage::ALL.map(Stage::word));
    let filter = ConflictFilter {
        data_source: wanted.data_source,
        stage: stage.as_deref().and_then(Stage::of),
    };
    reading.done().map(|()| filter)
}

/// Exports conflicts as CSV, oldest first.
///
/// The lines are streamed; where the database fails midway the connection breaks, so that nobody takes a part for the whole.
#[utoipa::path(get, path = "/conflicts.csv", operation_id = "export_conflicts", params(WantedExport), responses(
    (status = 200, description = "The conflicts, a line each.", body = String, content_type = "text/csv"),
))]
async fn export(caller: Caller<Reads, WantedExport>, by: Download, sync: web::Data<Sync>) -> Reply {
    let filter = filter(query::Reading::default(), &caller.query)?;
    let export = Export {
        file: "conflicts.csv",
        media: CSV,
        head: csv_rows::conflicts::head(),
        by,
    };
    let read = move |page: SortedPage| {
        let sync = sync.clone();
        async move { sync.conflicts(&filter, &page).await }
    };
    let line = (|conflict: &ConflictView| conflict.id, csv_rows::conflicts::row);
    streamed_in_order(export, CONFLICT_SORTS, read, line).await
}

/// Decides that a member is an existing user.
#[utoipa::path(post, path = "/conflicts/{id}/link", operation_id = "link_conflict", params(ById), request_body = LinkInput, responses(
    (status = 200, description = "The member as they are now.", body = MemberView),
    Conflict,
))]
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

/// Decides that a member is imported as a new user of another name.
#[utoipa::path(post, path = "/conflicts/{id}/rename", operation_id = "rename_conflict", params(ById), request_body = RenameInput, responses(
    (status = 200, description = "The member as they are now.", body = MemberView),
    Conflict,
))]
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

/// Decides that a member is no user.
#[utoipa::path(post, path = "/conflicts/{id}/ignore", operation_id = "ignore_conflict", params(ById), responses(
    (status = 200, description = "The member as they are now.", body = MemberView),
    Conflict,
))]
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

/// Takes the decision back that a member is no user.
#[utoipa::path(post, path = "/conflicts/{id}/reopen", operation_id = "reopen_conflict", params(ById), responses(
    (status = 200, description = "The member as they are now.", body = MemberView),
    Conflict,
))]
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
