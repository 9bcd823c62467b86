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
use crate::{doctor::Doctor, kernel::failure::Result, web::failure::WebFailure, word_schema};

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
    #[param(value_type = Option<CheckName>, inline)]
    check: Option<String>,
    /// Tell what this server saw last, however old, without looking again; checks that nobody looked at yet are left out. False unless given.
    #[param(value_type = Option<bool>)]
    last: Option<String>,
}

/// The name of a check, as a word.
struct CheckName;

word_schema!(
    CheckName,
    "CheckName",
    "The name of a check of the doctor.",
    Doctor::names().collect::<Vec<_>>()
);

/// Makes every check live, or one of them, or tells what was seen last.
#[utoipa::path(get, path = "/doctor", operation_id = "read_doctor", params(Wanted), responses(
    (status = 200, description = "What the doctor saw.", body = Report),
))]
async fn report(caller: Caller<Reads, Wanted>, doctor: web::Data<Doctor>) -> Result<HttpResponse> {
    let names: Vec<&str> = Doctor::names().collect();
    let mut reading = query::Reading::default();
    let check = reading.word("check", caller.query.check.as_deref(), &names);
    let last = reading.flag("last", caller.query.last.as_deref()).unwrap_or_default();
    let expected = "does not go with check";
    reading.check(!(last && check.is_some()), "last", expected);
    reading.done()?;
    let report = match check {
        None if last => doctor.last(),
        None => doctor.report().await,
        Some(name) => doctor.report_of(&name).await.ok_or(WebFailure::NotFound)?,
    };
    Ok(reply::ok(&report))
}
