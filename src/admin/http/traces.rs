//! Handler of traces.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};

use super::{
    authorization::{Caller, Reads},
    query, reply,
};
use crate::{admin::service::Admin, kernel::failure::Result};

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(web::resource("/traces/{reference}").get(read));
}

async fn read(_: Caller<Reads>, admin: web::Data<Admin>, reference: web::Path<String>) -> Result<HttpResponse> {
    let reference = query::text("reference", Some(&reference))?.unwrap_or_default();
    Ok(reply::ok(&admin.failure_trace(reference).await?))
}
