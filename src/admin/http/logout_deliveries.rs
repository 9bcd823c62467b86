//! Handlers of logout deliveries: which logout tokens reached portals and which did not (OpenID Connect Back-Channel Logout 1.0). Needs
//! `web::Data<Provider>`.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use serde_json::json;
use utoipa::{IntoParams, OpenApi};
use uuid::Uuid;

use super::{
    authorization::{Caller, Operates, OrPortal, Reads},
    query, reply,
};
use crate::admin::openapi::{
    params::ById,
    problems::{Conflict, NotFound},
};
use crate::kernel::sorting::SortedListing;
use crate::oidc::logout::DeliveryView;
use crate::{
    admin::service::Admin,
    audit::difference::Difference,
    kernel::{failure::Result, sorting::RECORDS},
    oidc::{
        Provider,
        logout::{DeliveryFilter, State, failure::LogoutFailure},
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
    #[param(pattern = "^-?(created_at)$")]
    sort: Option<String>,
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
    (status = 200, description = "A page of deliveries.", body = SortedListing<DeliveryView>),
    NotFound,
))]
async fn list(caller: Caller<OrPortal<Reads>, Wanted>, provider: web::Data<Provider>) -> Reply {
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
        among: caller.portals().map(<[Uuid]>::to_vec),
        session: wanted.session_id,
        user: wanted.user_id,
        state: state.map(State::of).transpose()?,
    };
    Ok(reply::ok(&provider.logout_deliveries(&filter, &page).await?))
}

/// The delivery, if the caller reaches its portal.
async fn reached<N>(caller: &Caller<OrPortal<N>>, provider: &Provider, id: Uuid) -> Result<DeliveryView> {
    let delivery = provider.logout_delivery(id).await?;
    caller.reaches_portal(delivery.client, LogoutFailure::DeliveryUnknown)?;
    Ok(delivery)
}

/// Reads a logout delivery.
#[utoipa::path(get, path = "/logout-deliveries/{id}", operation_id = "read_logout_delivery", params(ById), responses(
    (status = 200, description = "The delivery.", body = DeliveryView),
))]
async fn read(caller: Caller<OrPortal<Reads>>, provider: web::Data<Provider>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&reached(&caller, &provider, *id).await?))
}

/// Sends a logout token again that was not confirmed.
#[utoipa::path(post, path = "/logout-deliveries/{id}/retry", operation_id = "retry_logout_delivery", params(ById), responses(
    (status = 202, description = "The delivery, which is sent in the background.", body = DeliveryView),
    Conflict,
))]
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
