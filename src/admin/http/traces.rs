//! Handler of traces.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use utoipa::OpenApi;

use super::{
    authorization::{Caller, Reads},
    query, reply,
};
use crate::admin::{openapi::problems::Invalid, traces::model::TraceView};
use crate::{admin::service::Admin, kernel::failure::Result};

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Traces", description = "What led to a failure that somebody was told.")),
    paths(read)
)]
pub(super) struct Operations;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(web::resource("/traces/{reference}").get(read));
}

/// Opens the trace of a reference code: steps, checks of the gate, calls to WeCom.
#[utoipa::path(get, path = "/traces/{reference}", operation_id = "read_trace", params(("reference" = String, Path, description = "The reference code that a person was shown.", example = "7K3F-9QXA")), responses(
    (status = 200, description = "The trace.", body = TraceView),
    Invalid,
))]
async fn read(_: Caller<Reads>, admin: web::Data<Admin>, reference: web::Path<String>) -> Result<HttpResponse> {
    let mut reading = query::Reading::default();
    let code = reading.text("reference", Some(&reference)).unwrap_or_default();
    reading.done()?;
    Ok(reply::ok(&admin.failure_trace(code).await?))
}
