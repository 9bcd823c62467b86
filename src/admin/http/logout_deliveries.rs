//! Handlers of logout deliveries: which logout tokens reached portals and which did not (OpenID Connect Back-Channel Logout 1.0). Needs
//! `web::Data<Provider>`.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{
    authorization::{Caller, Operates, OrPortal, Reads},
    query, reply,
};
use crate::{
    admin::service::Admin,
    audit::difference::Difference,
    kernel::failure::Result,
    oidc::{
        Provider,
        logout::{DeliveryFilter, DeliveryView, State, failure::LogoutFailure},
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
    client_id: Option<String>,
    session_id: Option<Uuid>,
    user_id: Option<Uuid>,
    state: Option<String>,
}

async fn list(caller: Caller<OrPortal<Reads>, Wanted>, provider: web::Data<Provider>) -> Reply {
    let page = query::page(caller.query.cursor.as_deref(), caller.query.limit.as_deref())?;
    let client = match query::text("client_id", caller.query.client_id.as_deref())? {
        Some(name) => Some(provider.portal_named(name).await?),
        None => None,
    };
    let state = query::text("state", caller.query.state.as_deref())?;
    let filter = DeliveryFilter {
        client,
        among: caller.portals().map(<[Uuid]>::to_vec),
        session: caller.query.session_id,
        user: caller.query.user_id,
        state: state.map(State::of).transpose()?,
    };
    Ok(reply::ok(&provider.logout_deliveries(&filter, page).await?))
}

/// The delivery, if the caller reaches its portal.
async fn reached<N>(caller: &Caller<OrPortal<N>>, provider: &Provider, id: Uuid) -> Result<DeliveryView> {
    let delivery = provider.logout_delivery(id).await?;
    caller.reaches_portal(delivery.client, LogoutFailure::DeliveryUnknown)?;
    Ok(delivery)
}

async fn read(caller: Caller<OrPortal<Reads>>, provider: web::Data<Provider>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&reached(&caller, &provider, *id).await?))
}

async fn retry(
    caller: Caller<OrPortal<Operates>>,
    admin: web::Data<Admin>,
    provider: web::Data<Provider>,
    id: web::Path<Uuid>,
    _: NoBody,
) -> Reply {
    let before = reached(&caller, &provider, *id).await?;
    let delivery = provider.retry_logout_delivery(*id).await?;
    let difference = Difference::between(
        &json!({ "state": before.state }),
        &json!({ "state": State::Pending.word() }),
    )
    .also("client_id", before.client_id)
    .also("user_id", before.user_id.to_string());
    admin
        .note_difference(
            caller.actor(),
            format!("logout_delivery:{id}"),
            ("retried", &[]),
            difference,
        )
        .await?;
    Ok(reply::accepted(format!("/api/v1/logout-deliveries/{id}"), &delivery))
}
