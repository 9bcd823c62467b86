//! Handlers of the audit log (read-only).

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use utoipa::OpenApi;

use super::{
    audit_query::{AllOf, PageOf},
    authorization::{Caller, Reads},
    download::Download,
    export::{CSV, Export, JSON_LINES, streamed_in_order},
    query, reply,
};
use crate::admin::openapi::problems::Invalid;
use crate::kernel::sorting::{SortedListing, SortedPage};
use crate::{
    admin::{
        audit_csv,
        audit_events::model::{EventView, SORTS},
        service::Admin,
    },
    kernel::failure::Result,
};

type Reply = Result<HttpResponse>;

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Audit log", description = "What happened, who did it, and what was refused.")),
    paths(list, csv, json_lines, read)
)]
pub(super) struct Operations;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/audit-events").get(list))
        .service(web::resource("/audit-events.csv").get(csv))
        .service(web::resource("/audit-events.jsonl").get(json_lines))
        .service(web::resource("/audit-events/{reference}").get(read));
}

/// Lists audit events, newest first unless asked otherwise.
#[utoipa::path(get, path = "/audit-events", operation_id = "list_audit_events", params(PageOf), responses(
    (status = 200, description = "A page of events.", body = SortedListing<EventView>),
))]
async fn list(caller: Caller<Reads, PageOf>, admin: web::Data<Admin>) -> Reply {
    let (filter, page) = caller.query.wanted()?;
    let filter = admin.event_condition(filter).await?;
    Ok(reply::ok(&admin.events(&filter, &page).await?))
}

/// Exports audit events as CSV, newest first.
///
/// The lines are streamed; where the database fails midway the connection breaks, so that nobody takes a part for the whole.
#[utoipa::path(get, path = "/audit-events.csv", operation_id = "export_audit_events_csv", params(AllOf), responses(
    (status = 200, description = "A line for each event.", body = String, content_type = "text/csv"),
))]
async fn csv(caller: Caller<Reads, AllOf>, by: Download, admin: web::Data<Admin>) -> Reply {
    let export = Export {
        file: "audit-events.csv",
        media: CSV,
        head: audit_csv::head(),
        by,
    };
    exported(export, (&caller.query, admin), audit_csv::row).await
}

/// Exports audit events as JSON lines, newest first.
///
/// The lines are streamed, as those of the CSV are.
#[utoipa::path(get, path = "/audit-events.jsonl", operation_id = "export_audit_events_json_lines", params(AllOf), responses(
    (status = 200, description = "An event in each line.", body = String, content_type = "application/x-ndjson"),
))]
async fn json_lines(caller: Caller<Reads, AllOf>, by: Download, admin: web::Data<Admin>) -> Reply {
    let export = Export {
        file: "audit-events.jsonl",
        media: JSON_LINES,
        head: String::new(),
        by,
    };
    let line = |event: &EventView| format!("{}\n", serde_json::to_string(event).unwrap_or_default());
    exported(export, (&caller.query, admin), line).await
}

/// Streams all wanted events, newest first.
async fn exported(
    export: Export<'_>,
    (wanted, admin): (&AllOf, web::Data<Admin>),
    line: impl Fn(&EventView) -> String + Clone + 'static,
) -> Reply {
    let filter = admin.event_condition(wanted.wanted()?).await?;
    let read = move |page: SortedPage| {
        let (admin, filter) = (admin.clone(), filter.clone());
        async move { admin.events(&filter, &page).await }
    };
    streamed_in_order(export, SORTS, read, (|event: &EventView| event.id, line)).await
}

/// Reads the audit event of a reference code.
#[utoipa::path(get, path = "/audit-events/{reference}", operation_id = "read_audit_event", params(("reference" = String, Path, description = "The reference code that a person was shown.", example = "7K3F-9QXA")), responses(
    (status = 200, description = "The event.", body = EventView),
    Invalid,
))]
async fn read(_: Caller<Reads>, admin: web::Data<Admin>, reference: web::Path<String>) -> Reply {
    let mut reading = query::Reading::default();
    let code = reading.text("reference", Some(&reference)).unwrap_or_default();
    reading.done()?;
    Ok(reply::ok(&admin.event(code).await?))
}
