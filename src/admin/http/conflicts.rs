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
    query, reply,
};
use crate::admin::openapi::{params::ById, problems::Conflict};
use crate::directory::{contacts::MemberView, importing::model::ConflictView};
use crate::kernel::sorting::SortedListing;
use crate::{
    admin::service::Admin,
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
    paths(list, link, rename, ignore, reopen)
)]
pub(super) struct Operations;

/// Mounts the resource. Needs `web::Data<Sync>`.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/conflicts").get(list))
        .service(web::resource("/conflicts/{id}/link").post(link))
        .service(web::resource("/conflicts/{id}/rename").post(rename))
        .service(web::resource("/conflicts/{id}/ignore").post(ignore))
        .service(web::resource("/conflicts/{id}/reopen").post(reopen));
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Wanted {
    cursor: Option<String>,
    limit: Option<String>,
    #[param(pattern = "^-?(created_at|userid)$")]
    sort: Option<String>,
    /// Only of the data source with this row id.
    data_source: Option<Uuid>,
    /// Only those of which this became.
    #[param(value_type = Option<Stage>, inline)]
    decision: Option<String>,
}

/// Lists conflicts.
#[utoipa::path(get, path = "/conflicts", operation_id = "list_conflicts", params(Wanted), responses(
    (status = 200, description = "A page of conflicts.", body = SortedListing<ConflictView>),
))]
async fn list(caller: Caller<Reads, Wanted>, sync: web::Data<Sync>) -> Reply {
    let wanted = &caller.query;
    let mut reading = query::Reading::default();
    let page = reading.sorted(&CONFLICT_SORTS, [&wanted.cursor, &wanted.limit, &wanted.sort]);
    let stage = reading.word("decision", wanted.decision.as_deref(), &Stage::ALL.map(Stage::word));
    let filter = ConflictFilter {
        data_source: wanted.data_source,
        stage: stage.as_deref().and_then(Stage::of),
    };
    reading.done()?;
    Ok(reply::ok(&sync.conflicts(&filter, &page).await?))
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
