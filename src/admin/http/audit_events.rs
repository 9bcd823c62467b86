//! Handlers of the audit log (read-only).

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};

use super::{
    audit_query::{AllOf, PageOf},
    authorization::{Caller, Reads},
    export::{CSV, Export, JSON_LINES, streamed},
    query, reply,
};
use crate::{
    admin::{audit_csv, audit_events::model::EventView, service::Admin},
    kernel::failure::Result,
};

type Reply = Result<HttpResponse>;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/audit-events").get(list))
        .service(web::resource("/audit-events.csv").get(csv))
        .service(web::resource("/audit-events.jsonl").get(json_lines))
        .service(web::resource("/audit-events/{reference}").get(read));
}

async fn list(caller: Caller<Reads, PageOf>, admin: web::Data<Admin>) -> Reply {
    let page = query::page(caller.query.cursor.as_deref(), caller.query.limit.as_deref())?;
    let filter = admin.event_condition(caller.query.filter()?).await?;
    Ok(reply::ok(&admin.events(&filter, page).await?))
}

async fn csv(caller: Caller<Reads, AllOf>, admin: web::Data<Admin>) -> Reply {
    let export = Export {
        file: "audit-events.csv",
        media: CSV,
        head: audit_csv::head(),
    };
    exported(export, (&caller.query, admin), audit_csv::row).await
}

async fn json_lines(caller: Caller<Reads, AllOf>, admin: web::Data<Admin>) -> Reply {
    let export = Export {
        file: "audit-events.jsonl",
        media: JSON_LINES,
        head: String::new(),
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
    let filter = admin.event_condition(wanted.filter()?).await?;
    let read = move |page| {
        let (admin, filter) = (admin.clone(), filter.clone());
        async move { admin.events(&filter, page).await }
    };
    streamed(export, read, line).await
}

async fn read(_: Caller<Reads>, admin: web::Data<Admin>, reference: web::Path<String>) -> Reply {
    let reference = query::text("reference", Some(&reference))?.unwrap_or_default();
    Ok(reply::ok(&admin.event(reference).await?))
}
