//! Handler of activity.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};

use super::{
    authorization::{Caller, Reads},
    query::Reading,
    reply,
};
use crate::admin::activity::model::Activity;
use crate::{
    admin::{
        activity::model::{FARTHEST, MOST_DAYS, USUAL_DAYS},
        service::Admin,
    },
    kernel::failure::Result,
};

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Activity", description = "Sign-ins and refusals, day by day.")),
    paths(read)
)]
pub(super) struct Operations;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(web::resource("/activity").get(read));
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// How many days, today included; 14 unless given.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 90)]
    days: Option<String>,
    /// Minutes by which the clock is ahead of UTC whose midnight parts the days; 0 unless given.
    #[param(value_type = Option<i64>, minimum = -840, maximum = 840, example = 480)]
    utc_offset: Option<String>,
}

/// Counts sign-ins and refusals day by day.
#[utoipa::path(get, path = "/activity", operation_id = "read_activity", params(Wanted), responses(
    (status = 200, description = "The days.", body = Activity),
))]
async fn read(caller: Caller<Reads, Wanted>, admin: web::Data<Admin>) -> Result<HttpResponse> {
    let wanted = &caller.query;
    let mut reading = Reading::default();
    let days = reading.number("days", wanted.days.as_deref(), 1..=MOST_DAYS);
    let ahead = reading.number("utc_offset", wanted.utc_offset.as_deref(), -FARTHEST..=FARTHEST);
    reading.done()?;
    let activity = admin.activity(days.unwrap_or(USUAL_DAYS), ahead.unwrap_or_default());
    Ok(reply::ok(&activity.await?))
}
