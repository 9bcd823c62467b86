//! Handlers of logout deliveries: which logout tokens reached portals and which did not (OpenID Connect Back-Channel Logout 1.0). Needs
//! `web::Data<Provider>`.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};
use uuid::Uuid;

use super::{
    authorization::{Caller, Operates, Reads},
    query, reply,
};
use crate::admin::openapi::{
    params::ById,
    problems::{Conflict, NotFound},
};
use crate::kernel::pagination::Listing;
use crate::oidc::logout::DeliveryView;
use crate::{
    admin::service::Admin,
    kernel::failure::Result,
    oidc::{
        Provider,
        logout::{DeliveryFilter, State},
    },
    web::input::NoBody,
};

type Reply = Result<HttpResponse>;

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Logout deliveries", description = "Logout tokens on their way to portals (OpenID Connect Back-Channel Logout 1.0).")),
    paths(list, read, retry)
)]
pub(super) struct Operations;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/logout-deliveries").get(list))
        .service(web::resource("/logout-deliveries/{id}").get(read))
        .service(web::resource("/logout-deliveries/{id}/retry").post(retry));
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Wanted {
    cursor: Option<String>,
    limit: Option<String>,
    /// Only to this portal: row id or `client_id`.
    #[param(example = "intranet")]
    client_id: Option<String>,
    /// Only of the session with this row id.
    session_id: Option<Uuid>,
    /// Only of the user with this row id.
    user_id: Option<Uuid>,
    /// Only those in this state.
    #[param(value_type = Option<State>, inline)]
    state: Option<String>,
}

/// Lists logout deliveries, newest first.
#[utoipa::path(get, path = "/logout-deliveries", operation_id = "list_logout_deliveries", params(Wanted), responses(
    (status = 200, description = "A page of deliveries.", body = Listing<DeliveryView>),
    NotFound,
))]
async fn list(caller: Caller<Reads, Wanted>, provider: web::Data<Provider>) -> Reply {
    let page = query::page(caller.query.cursor.as_deref(), caller.query.limit.as_deref())?;
    let client = match query::text("client_id", caller.query.client_id.as_deref())? {
        Some(name) => Some(provider.portal_named(name).await?),
        None => None,
    };
    let state = query::text("state", caller.query.state.as_deref())?;
    let filter = DeliveryFilter {
        client,
        session: caller.query.session_id,
        user: caller.query.user_id,
        state: state.map(State::of).transpose()?,
    };
    Ok(reply::ok(&provider.logout_deliveries(&filter, page).await?))
}

/// Reads a logout delivery.
#[utoipa::path(get, path = "/logout-deliveries/{id}", operation_id = "read_logout_delivery", params(ById), responses(
    (status = 200, description = "The delivery.", body = DeliveryView),
))]
async fn read(_: Caller<Reads>, provider: web::Data<Provider>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&provider.logout_delivery(*id).await?))
}

/// Sends a logout token again that was not confirmed.
#[utoipa::path(post, path = "/logout-deliveries/{id}/retry", operation_id = "retry_logout_delivery", params(ById), responses(
    (status = 202, description = "The delivery, which is sent in the background.", body = DeliveryView),
    Conflict,
))]
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
