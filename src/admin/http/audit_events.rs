//! Handlers of the audit log (read-only).

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;

use super::{
    authorization::{Caller, Reads},
    query, reply,
};
use crate::{
    admin::{audit_events::model::EventFilter, failure::AdminFailure, service::Admin},
    audit::Kind,
    kernel::failure::Result,
};

type Reply = Result<HttpResponse>;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/audit-events").get(list))
        .service(web::resource("/audit-events/{reference}").get(read));
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    cursor: Option<String>,
    limit: Option<String>,
    reference: Option<String>,
    kind: Option<String>,
}

async fn list(caller: Caller<Reads, Wanted>, admin: web::Data<Admin>) -> Reply {
    let page = query::page(caller.query.cursor.as_deref(), caller.query.limit.as_deref())?;
    let filter = EventFilter {
        reference: query::text("reference", caller.query.reference.as_deref())?.map(str::to_owned),
        kind: kind(caller.query.kind.as_deref())?,
    };
    Ok(reply::ok(&admin.events(&filter, page).await?))
}

/// The word of a kind of events; one that there is not would find nothing for ever.
fn kind(wanted: Option<&str>) -> Result<Option<String>> {
    let Some(wanted) = query::text("kind", wanted)? else {
        return Ok(None);
    };
    let words: Vec<&str> = Kind::ALL.map(Kind::word).into();
    if words.contains(&wanted) {
        return Ok(Some(wanted.to_owned()));
    }
    let known = words.join(", ");
    Err(AdminFailure::Invalid
        .failure()
        .detail(format!("kind: must be one of {known}")))
}

async fn read(_: Caller<Reads>, admin: web::Data<Admin>, reference: web::Path<String>) -> Reply {
    let reference = query::text("reference", Some(&reference))?.unwrap_or_default();
    Ok(reply::ok(&admin.event(reference).await?))
}
