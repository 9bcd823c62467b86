//! Handlers of refusals: what people were shown instead of being let in.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};
use uuid::Uuid;

use super::{
    authorization::{Caller, Reads},
    query, reply,
};
use crate::admin::{
    openapi::problems::NotFound,
    refusals::model::{RefusalSummary, RefusalView},
};
use crate::kernel::pagination::Listing;
use crate::{
    admin::{refusals::model::RefusalFilter, service::Admin},
    kernel::failure::Result,
};

type Reply = Result<HttpResponse>;

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Refusals", description = "What people were shown instead of being let in.")),
    paths(list, summary)
)]
pub(super) struct Operations;

/// Mounts the resources.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/refusals").get(list))
        .service(web::resource("/refusals/summary").get(summary));
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Wanted {
    cursor: Option<String>,
    limit: Option<String>,
    /// Reference number, e.g. `GT-108`.
    number: Option<String>,
    /// The portal's `client_id`.
    client_id: Option<String>,
    /// Of this user, and of the members they are linked to.
    user_id: Option<Uuid>,
    /// Of this member, and of the user they are linked to.
    member_id: Option<Uuid>,
    /// Milliseconds since 1970: at this moment or later.
    #[param(value_type = Option<i64>, minimum = 0, example = 1_800_000_000_000_i64)]
    since: Option<String>,
    /// Milliseconds since 1970: before this moment.
    #[param(value_type = Option<i64>, minimum = 0, example = 1_800_000_000_000_i64)]
    until: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Counted {
    /// Reference number, e.g. `GT-108`.
    number: Option<String>,
    /// The portal's `client_id`.
    client_id: Option<String>,
    /// Milliseconds since 1970; a day before `until` unless given.
    #[param(value_type = Option<i64>, minimum = 0, example = 1_800_000_000_000_i64)]
    since: Option<String>,
    /// Milliseconds since 1970; now unless given.
    #[param(value_type = Option<i64>, minimum = 0, example = 1_800_000_000_000_i64)]
    until: Option<String>,
}

/// Lists refusals, newest first.
#[utoipa::path(get, path = "/refusals", operation_id = "list_refusals", params(Wanted), responses(
    (status = 200, description = "A page of refusals.", body = Listing<RefusalView>),
    NotFound,
))]
async fn list(caller: Caller<Reads, Wanted>, admin: web::Data<Admin>) -> Reply {
    let Wanted {
        cursor,
        limit,
        number,
        client_id,
        user_id,
        member_id,
        since,
        until,
    } = &caller.query;
    let mut reading = query::Reading::default();
    let page = reading.page(cursor.as_deref(), limit.as_deref());
    let one = user_id.is_none() || member_id.is_none();
    reading.check(one, "member_id", "cannot be combined with user_id");
    let mut filter = RefusalFilter {
        number: reading.owned("number", number.as_deref()),
        client_id: reading.owned("client_id", client_id.as_deref()),
        actors: None,
        user_id: *user_id,
        since: reading.moment("since", since.as_deref()),
        until: reading.moment("until", until.as_deref()),
    };
    reading.done()?;
    if let Some(user) = user_id {
        filter.actors = Some(admin.actors_of_user(*user).await?);
    } else if let Some(member) = member_id {
        filter.actors = Some(admin.actors_of_member(*member).await?);
    }
    Ok(reply::ok(&admin.refusals(&filter, page).await?))
}

/// Counts refusals by their number over a span of time.
#[utoipa::path(get, path = "/refusals/summary", operation_id = "summarize_refusals", params(Counted), responses(
    (status = 200, description = "One entry for each number.", body = RefusalSummary),
))]
async fn summary(caller: Caller<Reads, Counted>, admin: web::Data<Admin>) -> Reply {
    let wanted = &caller.query;
    let mut reading = query::Reading::default();
    let filter = RefusalFilter {
        number: reading.owned("number", wanted.number.as_deref()),
        client_id: reading.owned("client_id", wanted.client_id.as_deref()),
        actors: None,
        user_id: None,
        since: reading.moment("since", wanted.since.as_deref()),
        until: reading.moment("until", wanted.until.as_deref()),
    };
    reading.done()?;
    Ok(reply::ok(&admin.refusal_summary(filter).await?))
}
