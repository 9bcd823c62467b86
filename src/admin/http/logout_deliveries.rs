//! Handlers of logout deliveries: which logout tokens reached portals and which did not (OpenID Connect Back-Channel Logout 1.0). Needs
//! `web::Data<Provider>`.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    authorization::{Caller, Operates, Reads},
    query, reply,
};
use crate::{
    admin::service::Admin,
    kernel::{failure::Result, sorting::RECORDS},
    oidc::{
        Provider,
        logout::{DeliveryFilter, State},
    },
    web::input::NoBody,
};

type Reply = Result<HttpResponse>;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/logout-deliveries").get(list))
        .service(web::resource("/logout-deliveries/{id}").get(read))
        .service(web::resource("/logout-deliveries/{id}/retry").post(retry));
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    cursor: Option<String>,
    limit: Option<String>,
    sort: Option<String>,
    client_id: Option<String>,
    session_id: Option<Uuid>,
    user_id: Option<Uuid>,
    state: Option<String>,
}

async fn list(caller: Caller<Reads, Wanted>, provider: web::Data<Provider>) -> Reply {
    let wanted = &caller.query;
    let mut reading = query::Reading::default();
    let page = reading.sorted(&RECORDS, [&wanted.cursor, &wanted.limit, &wanted.sort]);
    let client = reading.text("client_id", wanted.client_id.as_deref());
    let state = reading.text("state", wanted.state.as_deref());
    reading.done()?;
    let client = match client {
        Some(name) => Some(provider.portal_named(name).await?),
        None => None,
    };
    let filter = DeliveryFilter {
        client,
        session: wanted.session_id,
        user: wanted.user_id,
        state: state.map(State::of).transpose()?,
    };
    Ok(reply::ok(&provider.logout_deliveries(&filter, &page).await?))
}

async fn read(_: Caller<Reads>, provider: web::Data<Provider>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&provider.logout_delivery(*id).await?))
}

async fn retry(
    caller: Caller<Operates>,
    admin: web::Data<Admin>,
    provider: web::Data<Provider>,
    id: web::Path<Uuid>,
    _: NoBody,
) -> Reply {
    let delivery = provider.retry_logout_delivery(*id).await?;
    admin
        .note(caller.actor(), format!("logout_delivery:{id}"), "retried", &[])
        .await?;
    Ok(reply::accepted(format!("/api/v1/logout-deliveries/{id}"), &delivery))
}
