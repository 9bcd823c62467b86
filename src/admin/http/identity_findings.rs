//! Handlers of findings about identities: of whom it is in doubt who they are, and deciding it.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    authorization::{Caller, Configures, Reads},
    query, reply,
};
use crate::{
    admin::service::Admin,
    directory::{
        identity::{DecisionInput, FindingFilter, State, model::SORTS},
        sync::Sync,
    },
    kernel::failure::Result,
    web::input::JsonObject,
};

type Reply = Result<HttpResponse>;

/// Mounts the resource. Needs `web::Data<Sync>`.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/identity-findings").get(list))
        .service(web::resource("/identity-findings/{id}").get(read))
        .service(web::resource("/identity-findings/{id}/decide").post(decide));
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    cursor: Option<String>,
    limit: Option<String>,
    sort: Option<String>,
    data_source: Option<Uuid>,
    state: Option<String>,
}

async fn list(caller: Caller<Reads, Wanted>, admin: web::Data<Admin>) -> Reply {
    let wanted = &caller.query;
    let mut reading = query::Reading::default();
    let page = reading.sorted(&SORTS, [&wanted.cursor, &wanted.limit, &wanted.sort]);
    let state = reading.text("state", wanted.state.as_deref());
    reading.done()?;
    let filter = FindingFilter {
        data_source: wanted.data_source,
        state: state.map(State::of).transpose()?,
    };
    Ok(reply::ok(&admin.directory().identity_findings(&filter, &page).await?))
}

async fn read(_: Caller<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&admin.directory().identity_finding(*id).await?))
}

async fn decide(
    caller: Caller<Configures>,
    admin: web::Data<Admin>,
    sync: web::Data<Sync>,
    id: web::Path<Uuid>,
    input: JsonObject<DecisionInput>,
) -> Reply {
    admin.directory().identity_finding(*id).await?;
    sync.decide(caller.actor(), *id, input.0.verdict).await?;
    Ok(reply::ok(&admin.directory().identity_finding(*id).await?))
}
