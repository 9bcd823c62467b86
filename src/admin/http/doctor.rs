//! Handler of the doctor: every check live, or one of them. Needs `web::Data<Doctor>`.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};

use super::{
    authorization::{Caller, Reads},
    query, reply,
};
use crate::doctor::report::Report;
use crate::{
    doctor::Doctor,
    kernel::{failure::Result, words::one_of},
    web::failure::WebFailure,
};

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Doctor", description = "Everything that can be wrong with an installation.")),
    paths(report)
)]
pub(super) struct Operations;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(web::resource("/doctor").get(report));
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// Only this check, by its name.
    #[param(schema_with = checks)]
    check: Option<String>,
}

/// The names of the checks.
fn checks() -> utoipa::openapi::Object {
    let names: Vec<&str> = Doctor::names().collect();
    one_of(&names).build()
}

/// Makes every check live, or one of them.
#[utoipa::path(get, path = "/doctor", operation_id = "read_doctor", params(Wanted), responses(
    (status = 200, description = "What the doctor saw.", body = Report),
))]
async fn report(caller: Caller<Reads, Wanted>, doctor: web::Data<Doctor>) -> Result<HttpResponse> {
    let names: Vec<&str> = Doctor::names().collect();
    let report = match query::word("check", caller.query.check.as_deref(), &names)? {
        None => doctor.report().await,
        Some(name) => doctor.report_of(&name).await.ok_or(WebFailure::NotFound)?,
    };
    Ok(reply::ok(&report))
}
