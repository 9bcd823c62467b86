//! Handlers of access requests: who asks to be let in, and deciding it.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};
use uuid::Uuid;

use super::{
    authorization::{Caller, Operates, Reads},
    download::Download,
    export::{CSV, Export, streamed_in_order},
    listed::listed,
    precondition::Matched,
    query, reply,
};
use crate::admin::openapi::{
    params::{ById, InState, ShownInState},
    problems::Conflict,
};
use crate::kernel::sorting::{SortedListing, SortedPage};
use crate::{
    admin::{csv_rows, role::Role},
    kernel::failure::Result,
    requests::{
        ApproveInput, Decider, RefuseInput, Requests, State,
        model::{RequestFilter, SORTS, Via},
        view::RequestView,
    },
    web::input::OptionalObject,
};

type Reply = Result<HttpResponse>;

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Access requests", description = "Members who are not imported and ask to be let in.")),
    paths(list, export, read, approve, refuse)
)]
pub(super) struct Operations;

/// Mounts the resource. Needs `web::Data<Requests>`.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/access-requests").get(list))
        .service(web::resource("/access-requests.csv").get(export))
        .service(web::resource("/access-requests/{id}").get(read))
        .service(web::resource("/access-requests/{id}/approve").post(approve))
        .service(web::resource("/access-requests/{id}/refuse").post(refuse));
}

listed!(Wanted, WantedExport, #[param(pattern = "^-?(created_at|userid)$")] {
    /// Only of the data source with this row id.
    data_source: Option<Uuid>,
    /// Only those in this state.
    #[param(value_type = Option<State>, inline)]
    state: Option<String>,
    /// Only of the member with this userid, without regard to letter case.
    #[param(max_length = 200)]
    userid: Option<String>,
});

/// Lists access requests, newest first.
#[utoipa::path(get, path = "/access-requests", operation_id = "list_access_requests", params(Wanted), responses(
    (status = 200, description = "A page of access requests.", body = SortedListing<RequestView>),
))]
async fn list(caller: Caller<Reads, Wanted>, requests: web::Data<Requests>) -> Reply {
    let (page, wanted) = caller.query.split();
    let mut reading = query::Reading::default();
    let page = reading.sorted(&SORTS, page.each_ref());
    let filter = filter(reading, &wanted)?;
    Ok(reply::ok(&requests.list(&filter, &page).await?))
}

/// The wanted requests; whatever is wrong with the query is told here.
fn filter(mut reading: query::Reading, wanted: &WantedExport) -> Result<RequestFilter> {
    let state = reading.word("state", wanted.state.as_deref(), &State::ALL.map(State::word));
    let filter = RequestFilter {
        data_source: wanted.data_source,
        state: state.as_deref().and_then(State::of),
        userid: reading.owned("userid", wanted.userid.as_deref()),
    };
    reading.done().map(|()| filter)
}

/// Exports access requests as CSV, newest first.
///
/// The lines are streamed; where the database fails midway the connection breaks, so that nobody takes a part for the whole.
#[utoipa::path(get, path = "/access-requests.csv", operation_id = "export_access_requests", params(WantedExport), responses(
    (status = 200, description = "The requests, a line each.", body = String, content_type = "text/csv"),
))]
async fn export(caller: Caller<Reads, WantedExport>, by: Download, requests: web::Data<Requests>) -> Reply {
    let filter = filter(query::Reading::default(), &caller.query)?;
    let export = Export {
        file: "access-requests.csv",
        media: CSV,
        head: csv_rows::access_requests::head(),
        by,
    };
    let read = move |page: SortedPage| {
        let (requests, filter) = (requests.clone(), filter.clone());
        async move { requests.list(&filter, &page).await }
    };
    let line = (|request: &RequestView| request.id, csv_rows::access_requests::row);
    streamed_in_order(export, SORTS, read, line).await
}

/// Reads an access request.
#[utoipa::path(get, path = "/access-requests/{id}", operation_id = "read_access_request", params(ById, ShownInState), responses(
    (status = 200, description = "The request.", body = RequestView),
))]
async fn read(caller: Matched<Reads>, requests: web::Data<Requests>, id: web::Path<Uuid>) -> Reply {
    // Whether the suggested name is taken changes with other things than the request.
    caller.shown_anew(&requests.shown(*id).await?)
}

/// Whoever decides over the API.
fn decider(caller: &Matched<Operates>) -> Decider {
    let (actor, role) = caller.giver();
    Decider {
        actor: actor.to_owned(),
        name: None,
        every_portal: role.covers(Role::Admin),
        groups: role.covers(Role::Admin),
        operates: true,
        via: Via::Api,
    }
}

/// Lets the member of an access request in; the body may be left out.
#[utoipa::path(post, path = "/access-requests/{id}/approve", operation_id = "approve_access_request", params(ById, InState), request_body = Option<ApproveInput>, responses(
    (status = 200, description = "The request as it is now.", body = RequestView),
    Conflict,
))]
async fn approve(
    caller: Matched<Operates>,
    requests: web::Data<Requests>,
    id: web::Path<Uuid>,
    input: OptionalObject<ApproveInput>,
) -> Reply {
    let decider = decider(&caller);
    requests.approve(&decider, *id, &input.0, &caller.if_match).await?;
    Ok(reply::tagged(&requests.shown(*id).await?))
}

/// Does not let the member of an access request in; the body may be left out.
#[utoipa::path(post, path = "/access-requests/{id}/refuse", operation_id = "refuse_access_request", params(ById, InState), request_body = Option<RefuseInput>, responses(
    (status = 200, description = "The request as it is now.", body = RequestView),
    Conflict,
))]
async fn refuse(
    caller: Matched<Operates>,
    requests: web::Data<Requests>,
    id: web::Path<Uuid>,
    input: OptionalObject<RefuseInput>,
) -> Reply {
    let decider = decider(&caller);
    requests.refuse(&decider, *id, &input.0, &caller.if_match).await?;
    Ok(reply::tagged(&requests.shown(*id).await?))
}
