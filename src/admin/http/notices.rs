//! Handlers of notices: what was told, to whom, and what became of it.

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
    query, reply,
};
use crate::admin::{
    csv_rows,
    openapi::{params::ById, problems::Conflict},
};
use crate::{
    kernel::{
        failure::Result,
        sorting::{RECORDS, SortedListing, SortedPage},
    },
    notices::{
        Notices, Topic,
        delivery::State,
        record_view::{NoticeFilter, NoticeView, Resend},
    },
    web::input::JsonObject,
};

type Reply = Result<HttpResponse>;

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Notices", description = "What Menjin told people, and what is known of its delivery.")),
    paths(list, export, read, resend)
)]
pub(super) struct Operations;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/notices").get(list))
        .service(web::resource("/notices.csv").get(export))
        .service(web::resource("/notices/{id}").get(read))
        .service(web::resource("/notices/{id}/resend").post(resend));
}

listed!(Wanted, WantedExport, #[param(pattern = "^-?(created_at)$")] {
    /// Only about this.
    #[param(value_type = Option<Topic>, inline)]
    topic: Option<String>,
    /// Only of the data source with this row id.
    data_source_id: Option<Uuid>,
    /// Only of this matter.
    subject: Option<String>,
    /// Only those with a delivery in this state.
    #[param(value_type = Option<State>, inline)]
    state: Option<String>,
    /// Only those with a delivery by the channel with this row id.
    channel_id: Option<Uuid>,
});

/// Lists notices with their deliveries, newest first.
#[utoipa::path(get, path = "/notices", operation_id = "list_notices", params(Wanted), responses(
    (status = 200, description = "A page of notices.", body = SortedListing<NoticeView>),
))]
async fn list(caller: Caller<Reads, Wanted>, notices: web::Data<Notices>) -> Reply {
    let (page, wanted) = caller.query.split();
    let mut reading = query::Reading::default();
    let page = reading.sorted(&RECORDS, page.each_ref());
    let filter = filter(reading, &wanted)?;
    Ok(reply::ok(&notices.notices(&filter, &page).await?))
}

/// The wanted notices; whatever is wrong with the query is told here.
fn filter(mut reading: query::Reading, wanted: &WantedExport) -> Result<NoticeFilter> {
    let topic = reading.word("topic", wanted.topic.as_deref(), &Topic::words());
    let state = reading.word("state", wanted.state.as_deref(), &State::ALL.map(State::word));
    let subject = reading.owned("subject", wanted.subject.as_deref());
    let filter = NoticeFilter {
        topic: topic.as_deref().and_then(Topic::of),
        data_source: wanted.data_source_id,
        subject,
        state: state.as_deref().and_then(State::of),
        channel: wanted.channel_id,
    };
    reading.done().map(|()| filter)
}

/// Exports notices as CSV, newest first: a line for each delivery.
///
/// The lines are streamed; where the database fails midway the connection breaks, so that nobody takes a part for the whole.
#[utoipa::path(get, path = "/notices.csv", operation_id = "export_notices", params(WantedExport), responses(
    (status = 200, description = "The notices, a line for each delivery, and one where there is none.", body = String, content_type = "text/csv"),
))]
async fn export(caller: Caller<Reads, WantedExport>, by: Download, notices: web::Data<Notices>) -> Reply {
    let filter = filter(query::Reading::default(), &caller.query)?;
    let export = Export {
        file: "notices.csv",
        media: CSV,
        head: csv_rows::notices::head(),
        by,
    };
    let read = move |page: SortedPage| {
        let (notices, filter) = (notices.clone(), filter.clone());
        async move { notices.notices(&filter, &page).await }
    };
    let line = (|notice: &NoticeView| notice.id, csv_rows::notices::lines);
    streamed_in_order(export, RECORDS, read, line).await
}

/// Reads a notice with its deliveries.
#[utoipa::path(get, path = "/notices/{id}", operation_id = "read_notice", params(ById), responses(
    (status = 200, description = "The notice.", body = NoticeView),
))]
async fn read(_: Caller<Reads>, notices: web::Data<Notices>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&notices.notice(id.into_inner()).await?))
}

/// Sends a notice again: what of it failed or was given up, or the one delivery that is named.
#[utoipa::path(post, path = "/notices/{id}/resend", operation_id = "resend_notice", params(ById), request_body = Resend, responses(
    (status = 202, description = "The notice, which is sent in the background.", body = NoticeView),
    Conflict,
))]
async fn resend(
    caller: Caller<Operates>,
    notices: web::Data<Notices>,
    id: web::Path<Uuid>,
    input: JsonObject<Resend>,
) -> Reply {
    let again = notices.resend(caller.actor(), *id, &input.0).await?;
    Ok(reply::accepted(format!("/api/v1/notices/{id}"), &again))
}
