//! Handlers of members. WeCom owns them; what can be decided is who of them becomes a user.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};
use uuid::Uuid;

use super::{
    authorization::{Caller, Operates, Reads},
    download::Download,
    export::{CSV, Export, streamed_in_order},
    listed::listed,
    query, reply,
};
use crate::admin::openapi::{
    params::ById,
    problems::{Conflict, NotFound},
};
use crate::directory::{contacts::MemberView, importing::outcome::Outcome};
use crate::kernel::sorting::{SortedListing, SortedPage};
use crate::{
    admin::{csv_rows, service::Admin},
    directory::{
        contacts::model::{MEMBER_SORTS, MEMBER_STATES, MemberFilter, MemberState, OUTCOMES},
        importing::{ImportInput, ManyInput},
        sync::Sync,
    },
    kernel::failure::Result,
    web::input::{JsonObject, NoBody, OptionalObject},
};

type Reply = Result<HttpResponse>;

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Members", description = "Members of the contacts, as WeCom has them, and who of them becomes a user.")),
    paths(list, export, import_many, read, import, exclude)
)]
pub(super) struct Operations;

/// Mounts the resource. Needs `web::Data<Sync>` for what is decided.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/members").get(list))
        .service(web::resource("/members.csv").get(export))
        .service(web::resource("/members/import").post(import_many))
        .service(web::resource("/members/{id}").get(read))
        .service(web::resource("/members/{id}/import").post(import))
        .service(web::resource("/members/{id}/exclude").post(exclude));
}

/// Members that were imported together.
#[derive(Serialize, ToSchema)]
struct ImportedMembers {
    /// The members, in the order in which they were named.
    items: Vec<MemberView>,
}

listed!(Wanted, WantedExport, #[param(pattern = "^-?(created_at|userid)$")] {
    /// Only of the data source with this row id.
    data_source: Option<Uuid>,
    /// Only those with this outcome.
    #[param(value_type = Option<Outcome>, inline)]
    outcome: Option<String>,
    /// Only those in this state.
    #[param(value_type = Option<MemberState>, inline)]
    state: Option<String>,
    /// Only those in the department with this row id itself.
    department: Option<Uuid>,
    /// Part of the userid, name, alias or e-mail address, without regard to letter case.
    #[param(max_length = 200)]
    q: Option<String>,
});

/// Lists the members that syncs read.
#[utoipa::path(get, path = "/members", operation_id = "list_members", params(Wanted), responses(
    (status = 200, description = "A page of members.", body = SortedListing<MemberView>),
))]
async fn list(caller: Caller<Reads, Wanted>, admin: web::Data<Admin>) -> Reply {
    let (page, wanted) = caller.query.split();
    let mut reading = query::Reading::default();
    let page = reading.sorted(&MEMBER_SORTS, page.each_ref());
    let filter = filter(reading, &wanted)?;
    Ok(reply::ok(&admin.directory().members(&filter, &page).await?))
}

/// The wanted members; whatever is wrong with the query is told here.
fn filter(mut reading: query::Reading, wanted: &WantedExport) -> Result<MemberFilter> {
    let filter = MemberFilter {
        data_source: wanted.data_source,
        outcome: reading.word("outcome", wanted.outcome.as_deref(), &OUTCOMES),
        state: reading.word("state", wanted.state.as_deref(), &MEMBER_STATES),
        department: wanted.department,
        search: reading.owned("q", wanted.q.as_deref()),
    };
    reading.done().map(|()| filter)
}

/// Exports members as CSV, oldest first.
///
/// The lines are streamed; where the database fails midway the connection breaks, so that nobody takes a part for the whole.
#[utoipa::path(get, path = "/members.csv", operation_id = "export_members", params(WantedExport), responses(
    (status = 200, description = "The members, a line each.", body = String, content_type = "text/csv"),
))]
async fn export(caller: Caller<Reads, WantedExport>, by: Download, admin: web::Data<Admin>) -> Reply {
    let filter = filter(query::Reading::default(), &caller.query)?;
    let export = Export {
        file: "members.csv",
        media: CSV,
        head: csv_rows::members::head(),
        by,
    };
    let read = move |page: SortedPage| {
        let (admin, filter) = (admin.clone(), filter.clone());
        async move { admin.directory().members(&filter, &page).await }
    };
    streamed_in_order(
        export,
        MEMBER_SORTS,
        read,
        (|member: &MemberView| member.id, csv_rows::members::row),
    )
    .await
}

/// Reads a member.
#[utoipa::path(get, path = "/members/{id}", operation_id = "read_member", params(ById), responses(
    (status = 200, description = "The member.", body = MemberView),
))]
async fn read(_: Caller<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&admin.directory().member(*id).await?))
}

/// Imports a member who is not imported by the rules; the body may be left out.
#[utoipa::path(post, path = "/members/{id}/import", operation_id = "import_member", params(ById), request_body = Option<ImportInput>, responses(
    (status = 200, description = "The member as they are now.", body = MemberView),
    Conflict,
))]
async fn import(
    caller: Caller<Operates>,
    admin: web::Data<Admin>,
    sync: web::Data<Sync>,
    id: web::Path<Uuid>,
    input: OptionalObject<ImportInput>,
) -> Reply {
    match &input.0.username {
        Some(username) => sync.rename_member(caller.actor(), *id, username).await?,
        None => sync.import_member(caller.actor(), *id).await?,
    }
    Ok(reply::ok(&admin.directory().member(*id).await?))
}

/// Imports several members of one data source, who are not imported by its rules.
#[utoipa::path(post, path = "/members/import", operation_id = "import_members", request_body = ManyInput, responses(
    (status = 200, description = "The members as they are now.", body = ImportedMembers),
    NotFound,
    Conflict,
))]
async fn import_many(
    caller: Caller<Operates>,
    admin: web::Data<Admin>,
    sync: web::Data<Sync>,
    input: JsonObject<ManyInput>,
) -> Reply {
    sync.import_members(caller.actor(), &input.0).await?;
    let mut items = Vec::with_capacity(input.0.members.len());
    for id in &input.0.members {
        items.push(admin.directory().member(*id).await?);
    }
    Ok(reply::ok(&ImportedMembers { items }))
}

/// Takes a member out of the choice of those who are imported; their access ends.
#[utoipa::path(post, path = "/members/{id}/exclude", operation_id = "exclude_member", params(ById), responses(
    (status = 200, description = "The member as they are now.", body = MemberView),
    Conflict,
))]
async fn exclude(
    caller: Caller<Operates>,
    admin: web::Data<Admin>,
    sync: web::Data<Sync>,
    id: web::Path<Uuid>,
    _: NoBody,
) -> Reply {
    sync.exclude_member(caller.actor(), *id).await?;
    Ok(reply::ok(&admin.directory().member(*id).await?))
}
