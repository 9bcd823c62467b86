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
    download::Download,
    export::{CSV, Export, streamed_in_order},
    listed::listed,
    query, reply,
};
use crate::admin::openapi::{
    params::ById,
    problems::{Conflict, NotFound},
};
use crate::kernel::sorting::{SortedListing, SortedPage};
use crate::oidc::logout::DeliveryView;
use crate::{
    admin::{csv_rows, service::Admin},
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
    paths(list, export, read, retry)
)]
pub(super) struct Operations;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/logout-deliveries").get(list))
        .service(web::resource("/logout-deliveries.csv").get(export))
        .service(web::resource("/logout-deliveries/{id}").get(read))
        .service(web::resource("/logout-deliveries/{id}/retry").post(retry));
}

listed!(Wanted, WantedExport, #[param(pattern = "^-?(created_at)$")] {
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
});

/// Lists logout deliveries, newest first.
#[utoipa::path(get, path = "/logout-deliveries", operation_id = "list_logout_deliveries", params(Wanted), responses(
    (status = 200, description = "A page of deliveries.", body = SortedListing<DeliveryView>),
    NotFound,
))]
async fn list(
    caller: Caller<OrPortal<Reads>, Wanted>,
    admin: web::Data<Admin>,
    provider: web::Data<Provider>,
) -> Reply {
    let among = caller.portals().map(<[Uuid]>::to_vec);
    let (page, wanted) = caller.query.split();
    let mut reading = query::Reading::default();
    let page = reading.sorted(&RECORDS, page.each_ref());
    let filter = filter(&admin, reading, among, &wanted).await?;
    Ok(reply::ok(&provider.logout_deliveries(&filter, &page).await?))
}

/// The wanted deliveries, to these portals if only some are reached; whatever is wrong with the query is told here.
async fn filter(
    admin: &Admin,
    mut reading: query::Reading,
    among: Option<Vec<Uuid>>,
    wanted: &WantedExport,
) -> Result<DeliveryFilter> {
    let client = reading.text("client_id", wanted.client_id.as_deref());
    let state = reading.text("state", wanted.state.as_deref());
    reading.done()?;
    let client = admin.portal_of_filter(client).await?;
    Ok(DeliveryFilter {
        client: client.map(|portal| portal.id),
        among,
        session: wanted.session_id,
        user: wanted.user_id,
        state: state.map(State::of).transpose()?,
    })
}

/// Exports logout deliveries as CSV, newest first.
///
/// The lines are streamed; where the database fails midway the connection breaks, so that nobody takes a part for the whole.
#[utoipa::path(get, path = "/logout-deliveries.csv", operation_id = "export_logout_deliveries", params(WantedExport), responses(
    (status = 200, description = "The deliveries, a line each.", body = String, content_type = "text/csv"),
    NotFound,
))]
async fn export(
    caller: Caller<OrPortal<Reads>, WantedExport>,
    by: Download,
    admin: web::Data<Admin>,
    provider: web::Data<Provider>,
) -> Reply {
    let among = caller.portals().map(<[Uuid]>::to_vec);
    let filter = filter(&admin, query::Reading::default(), among, &caller.query).await?;
    let export = Export {
        file: "logout-deliveries.csv",
        media: CSV,
        head: csv_rows::logout_deliveries::head(),
        by,
    };
    let read = move |page: SortedPage| {
        let (provider, filter) = (provider.clone(), filter.clone());
        async move { provider.logout_deliveries(&filter, &page).await }
    };
    let line = (|delivery: &DeliveryView| delivery.id, csv_rows::logout_deliveries::row);
    streamed_in_order(export, RECORDS, read, line).await
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
