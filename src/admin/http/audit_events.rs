//! Handlers of the audit log (read-only).

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};

use super::{
    authorization::{Caller, Reads},
    query, reply,
};
use crate::admin::{audit_events::model::EventView, openapi::problems::Invalid};
use crate::kernel::pagination::Listing;
use crate::{
    admin::{audit_events::model::EventFilter, failure::AdminFailure, service::Admin},
    audit::Kind,
    kernel::failure::Result,
};

type Reply = Result<HttpResponse>;

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Audit log", description = "What happened, who did it, and what was refused.")),
    paths(list, read)
)]
pub(super) struct Operations;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/audit-events").get(list))
        .service(web::resource("/audit-events/{reference}").get(read));
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Wanted {
    cursor: Option<String>,
    limit: Option<String>,
    /// Only with this reference code.
    #[param(example = "7K3F-9QXA")]
    reference: Option<String>,
    /// Only of this kind.
    #[param(value_type = Option<Kind>, inline)]
    kind: Option<String>,
}

/// Lists audit events, newest first.
#[utoipa::path(get, path = "/audit-events", operation_id = "list_audit_events", params(Wanted), responses(
    (status = 200, description = "A page of events.", body = Listing<EventView>),
))]
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

/// Reads the audit event of a reference code.
#[utoipa::path(get, path = "/audit-events/{reference}", operation_id = "read_audit_event", params(("reference" = String, Path, description = "The reference code that a person was shown.", example = "7K3F-9QXA")), responses(
    (status = 200, description = "The event.", body = EventView),
    Invalid,
))]
async fn read(_: Caller<Reads>, admin: web::Data<Admin>, reference: web::Path<String>) -> Reply {
    let reference = query::text("reference", Some(&reference))?.unwrap_or_default();
    Ok(reply::ok(&admin.event(reference).await?))
}
