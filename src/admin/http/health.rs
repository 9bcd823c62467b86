//! Handler of health.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use utoipa::OpenApi;

use super::{
    authorization::{Caller, Reads},
    reply,
};
use crate::admin::health::HealthView;
use crate::{
    admin::{health::Installation, service::Admin},
    directory::wecom_events::Callbacks,
    kernel::failure::Result,
    oidc::Provider,
};

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Health", description = "How the installation is, at a glance.")),
    paths(read)
)]
pub(super) struct Operations;

/// Mounts the resource. Needs `web::Data` of `Installation`, `Provider` and `Callbacks`.
pub fn routes(config: &mut ServiceConfig) {
    config.service(web::resource("/health").get(read));
}

/// Reads the health of the installation: stores, queues, last syncs, and what its resources say is wrong.
#[utoipa::path(get, path = "/health", operation_id = "read_health", responses(
    (status = 200, description = "The health.", body = HealthView),
))]
async fn read(
    _: Caller<Reads>,
    admin: web::Data<Admin>,
    installation: web::Data<Installation>,
    provider: web::Data<Provider>,
    callbacks: web::Data<Callbacks>,
) -> Result<HttpResponse> {
    Ok(reply::ok(&admin.health(&installation, &provider, &callbacks).await?))
}
