//! Handler of the doctor: every check live, or one of them. Needs `web::Data<Doctor>`.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;

use super::{
    authorization::{Caller, Reads},
    query, reply,
};
use crate::{doctor::Doctor, kernel::failure::Result, web::failure::WebFailure};

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(web::resource("/doctor").get(report));
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// Name of one check.
    check: Option<String>,
}

async fn report(caller: Caller<Reads, Wanted>, doctor: web::Data<Doctor>) -> Result<HttpResponse> {
    let names: Vec<&str> = Doctor::names().collect();
    let report = match query::word("check", caller.query.check.as_deref(), &names)? {
        None => doctor.report().await,
        Some(name) => doctor.report_of(&name).await.ok_or(WebFailure::NotFound)?,
    };
    Ok(reply::ok(&report))
}
