//! Handlers of trials of sign-ins. Needs `web::Data<Journeys>` and `web::Data<Provider>`.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use utoipa::OpenApi;
use uuid::Uuid;

use super::{
    authorization::{Caller, Configures},
    reply,
};
use crate::admin::{
    openapi::{
        params::{ByClient, ById},
        problems::TooMany,
    },
    trials::model::{TrialView, TrialWanted},
};
use crate::signin::trial::model::Made;
use crate::{
    admin::service::Admin, kernel::failure::Result, oidc::Provider, signin::Journeys, web::input::OptionalObject,
};

type Reply = Result<HttpResponse>;

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Trials", description = "A sign-in at a portal that is gone through with a real scan, and signs nobody in.")),
    paths(make, read)
)]
pub(super) struct Operations;

/// Mounts the resources.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/clients/{id}/trials").post(make))
        .service(web::resource("/trials/{id}").get(read));
}

/// Makes a trial of a sign-in: an address that leads to the portal's login page.
///
/// Whoever opens it goes through an ordinary sign-in, with WeCom's answer and the gate's decision, but no session is opened and the portal
/// is told nothing. The first outcome is final. The body may be left out.
#[utoipa::path(post, path = "/clients/{id}/trials", operation_id = "create_trial", params(ByClient), request_body = Option<TrialWanted>, responses(
    (status = 201, description = "The trial, with its address, shown this once.", body = Made),
    TooMany,
))]
async fn make(
    caller: Caller<Configures>,
    admin: web::Data<Admin>,
    journeys: web::Data<Journeys>,
    id: web::Path<String>,
    wanted: OptionalObject<TrialWanted>,
) -> Reply {
    let made = admin.make_trial(&journeys, caller.actor(), (&id, &wanted.0)).await?;
    Ok(reply::created(format!("/api/v1/trials/{}", made.id), &made))
}

/// Reads a trial: how far it has come, the gate's checks, and what the portal would be told.
#[utoipa::path(get, path = "/trials/{id}", operation_id = "read_trial", params(ById), responses(
    (status = 200, description = "The trial.", body = TrialView),
))]
async fn read(
    _: Caller<Configures>,
    admin: web::Data<Admin>,
    journeys: web::Data<Journeys>,
    provider: web::Data<Provider>,
    id: web::Path<Uuid>,
) -> Reply {
    Ok(reply::ok(&admin.trial(&journeys, &provider, *id).await?))
}
