//! Handler of health.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};

use super::{
    authorization::{Caller, Reads},
    reply,
};
use crate::{
    admin::{health::Installation, service::Admin},
    directory::wecom_events::Callbacks,
    kernel::failure::Result,
    oidc::Provider,
};

/// Mounts the resource. Needs `web::Data` of `Installation`, `Provider` and `Callbacks`.
pub fn routes(config: &mut ServiceConfig) {
    config.service(web::resource("/health").get(read));
}

async fn read(
    _: Caller<Reads>,
    admin: web::Data<Admin>,
    installation: web::Data<Installation>,
    provider: web::Data<Provider>,
    callbacks: web::Data<Callbacks>,
) -> Result<HttpResponse> {
    Ok(reply::ok(&admin.health(&installation, &provider, &callbacks).await?))
}
