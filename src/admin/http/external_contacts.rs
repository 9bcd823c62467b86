//! Handlers of events about customers, as WeCom tells them at the callbacks of a data source. Needs `web::Data<Callbacks>`.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};
use uuid::Uuid;

use super::{
    authorization::{Caller, Reads},
    download::Download,
    export::{CSV, Export, streamed},
    listed::listed,
    query, reply,
};
use crate::admin::{csv_rows, openapi::params::ById};
use crate::{
    directory::wecom_events::{
        Callbacks,
        external_contacts::{CountView, EventFilter, EventView},
    },
    kernel::{
        failure::Result,
        pagination::{Listing, Page},
    },
    wecom::callback::ExternalChange,
};

type Reply = Result<HttpResponse>;

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "External contacts", description = "What WeCom tells about customers (客户联系). Customers never become users.")),
    paths(list, export, counts)
)]
pub(super) struct Operations;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/data-sources/{id}/external-contact-events").get(list))
        .service(web::resource("/data-sources/{id}/external-contact-events.csv").get(export))
        .service(web::resource("/data-sources/{id}/external-contact-counts").get(counts));
}

listed!(Wanted, WantedExport, {
    /// Only of this change.
    #[param(value_type = Option<ExternalChange>, inline)]
    change: Option<String>,
    /// Only about the member with this userid, exactly as WeCom writes it.
    #[param(example = "zhangsan")]
    userid: Option<String>,
    /// Only about the customer with this id.
    #[param(example = "wmAbCdEf0123456789")]
    external_userid: Option<String>,
});

/// How many events a data source was told of.
#[derive(Serialize, ToSchema)]
struct ExternalContactCounts {
    /// One for each kind that was told.
    items: Vec<CountView>,
    /// Always null: there are few kinds, so there are no pages.
    next_cursor: Option<Uuid>,
}

/// Lists events about customers, newest first: those of the last 30 days, up to 100,000.
#[utoipa::path(get, path = "/data-sources/{id}/external-contact-events", operation_id = "list_external_contact_events", params(ById, Wanted), responses(
    (status = 200, description = "A page of events.", body = Listing<EventView>),
))]
async fn list(caller: Caller<Reads, Wanted>, callbacks: web::Data<Callbacks>, id: web::Path<Uuid>) -> Reply {
    let ([cursor, limit], wanted) = caller.query.split();
    let mut reading = query::Reading::default();
    let page = reading.page(cursor.as_deref(), limit.as_deref());
    let filter = filter(reading, &wanted)?;
    Ok(reply::ok(&callbacks.external_contact_events(*id, &filter, page).await?))
}

/// The wanted events; whatever is wrong with the query is told here.
fn filter(mut reading: query::Reading, wanted: &WantedExport) -> Result<EventFilter> {
    let filter = EventFilter {
        change: reading.word("change", wanted.change.as_deref(), &ExternalChange::words()),
        userid: reading.owned("userid", wanted.userid.as_deref()),
        external_userid: reading.owned("external_userid", wanted.external_userid.as_deref()),
    };
    reading.done().map(|()| filter)
}

/// Exports events about customers as CSV, newest first: those of the last 30 days, up to 100,000.
///
/// The lines are streamed; where the database fails midway the connection breaks, so that nobody takes a part for the whole.
#[utoipa::path(get, path = "/data-sources/{id}/external-contact-events.csv", operation_id = "export_external_contact_events", params(ById, WantedExport), responses(
    (status = 200, description = "The events, a line each.", body = String, content_type = "text/csv"),
))]
async fn export(
    caller: Caller<Reads, WantedExport>,
    by: Download,
    callbacks: web::Data<Callbacks>,
    id: web::Path<Uuid>,
) -> Reply {
    let filter = filter(query::Reading::default(), &caller.query)?;
    let source = *id;
    let file = format!("external-contact-events-{source}.csv");
    let export = Export {
        file: &file,
        media: CSV,
        head: csv_rows::external_contacts::head(),
        by,
    };
    let read = move |page: Page| {
        let (callbacks, filter) = (callbacks.clone(), filter.clone());
        async move { callbacks.external_contact_events(source, &filter, page).await }
    };
    streamed(export, read, csv_rows::external_contacts::row).await
}

/// Counts the events about customers by what happened, since the data source was made.
#[utoipa::path(get, path = "/data-sources/{id}/external-contact-counts", operation_id = "count_external_contact_events", params(ById), responses(
    (status = 200, description = "How many of each kind.", body = ExternalContactCounts),
))]
async fn counts(_: Caller<Reads>, callbacks: web::Data<Callbacks>, id: web::Path<Uuid>) -> Reply {
    let items = callbacks.external_contact_counts(*id).await?;
    Ok(reply::ok(&ExternalContactCounts {
        items,
        next_cursor: None,
    }))
}
