//! Handlers of findings about identities: of whom it is in doubt who they are, and deciding it.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};
use uuid::Uuid;

use super::{
    authorization::{Caller, Configures, Reads},
    download::Download,
    export::{CSV, Export, streamed_in_order},
    listed::listed,
    query, reply,
};
use crate::admin::openapi::{params::ById, problems::Conflict};
use crate::directory::identity::model::FindingView;
use crate::kernel::sorting::{SortedListing, SortedPage};
use crate::{
    admin::{csv_rows, service::Admin},
    directory::{
        identity::{DecisionInput, FindingFilter, State, model::SORTS},
        sync::Sync,
    },
    kernel::failure::Result,
    web::input::JsonObject,
};

type Reply = Result<HttpResponse>;

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Identity findings", description = "Members of whom it is in doubt who they are.")),
    paths(list, export, read, decide)
)]
pub(super) struct Operations;

/// Mounts the resource. Needs `web::Data<Sync>`.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/identity-findings").get(list))
        .service(web::resource("/identity-findings.csv").get(export))
        .service(web::resource("/identity-findings/{id}").get(read))
        .service(web::resource("/identity-findings/{id}/decide").post(decide));
}

listed!(Wanted, WantedExport, #[param(pattern = "^-?(opened_at)$")] {
    /// Only of the data source with this row id.
    data_source: Option<Uuid>,
    /// Only those in this state.
    #[param(value_type = Option<State>, inline)]
    state: Option<String>,
});

/// Lists findings about identities.
#[utoipa::path(get, path = "/identity-findings", operation_id = "list_identity_findings", params(Wanted), responses(
    (status = 200, description = "A page of findings.", body = SortedListing<FindingView>),
))]
async fn list(caller: Caller<Reads, Wanted>, admin: web::Data<Admin>) -> Reply {
    let (page, wanted) = caller.query.split();
    let mut reading = query::Reading::default();
    let page = reading.sorted(&SORTS, page.each_ref());
    let filter = filter(reading, &wanted)?;
    Ok(reply::ok(&admin.directory().identity_findings(&filter, &page).await?))
}

/// The wanted findings; whatever is wrong with the query is told here.
fn filter(mut reading: query::Reading, wanted: &WantedExport) -> Result<FindingFilter> {
    let state = reading.text("state", wanted.state.as_deref());
    reading.done()?;
    Ok(FindingFilter {
        data_source: wanted.data_source,
        state: state.map(State::of).transpose()?,
    })
}

/// Exports findings about identities as CSV, newest first.
///
/// The lines are streamed; where the database fails midway the connection breaks, so that nobody takes a part for the whole.
#[utoipa::path(get, path = "/identity-findings.csv", operation_id = "export_identity_findings", params(WantedExport), responses(
    (status = 200, description = "The findings, a line each.", body = String, content_type = "text/csv"),
))]
async fn export(caller: Caller<Reads, WantedExport>, by: Download, admin: web::Data<Admin>) -> Reply {
    let filter = filter(query::Reading::default(), &caller.query)?;
    let export = Export {
        file: "identity-findings.csv",
        media: CSV,
        head: csv_rows::identity_findings::head(),
        by,
    };
    let read = move |page: SortedPage| {
        let admin = admin.clone();
        async move { admin.directory().identity_findings(&filter, &page).await }
    };
    let line = (|finding: &FindingView| finding.id, csv_rows::identity_findings::row);
    streamed_in_order(export, SORTS, read, line).await
}

/// Reads a finding.
#[utoipa::path(get, path = "/identity-findings/{id}", operation_id = "read_identity_finding", params(ById), responses(
    (status = 200, description = "The finding.", body = FindingView),
))]
async fn read(_: Caller<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&admin.directory().identity_finding(*id).await?))
}

/// Decides who it is.
#[utoipa::path(post, path = "/identity-findings/{id}/decide", operation_id = "decide_identity_finding", params(ById), request_body = DecisionInput, responses(
    (status = 200, description = "The finding as it is now.", body = FindingView),
    Conflict,
))]
async fn decide(
    caller: Caller<Configures>,
    admin: web::Data<Admin>,
    sync: web::Data<Sync>,
    id: web::Path<Uuid>,
    input: JsonObject<DecisionInput>,
) -> Reply {
    admin.directory().identity_finding(*id).await?;
    sync.decide(caller.editor(), *id, input.0.verdict).await?;
    Ok(reply::ok(&admin.directory().identity_finding(*id).await?))
}
