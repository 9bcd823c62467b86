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
    download::Download,
    export::{CSV, Export, streamed_in_order},
    listed::listed,
    query, reply,
};
use crate::admin::{
    openapi::problems::NotFound,
    refusals::model::{RefusalSummary, RefusalView, SORTS},
};
use crate::kernel::sorting::{SortedListing, SortedPage};
use crate::{
    admin::{csv_rows, refusals::model::RefusalFilter, service::Admin},
    kernel::failure::Result,
};

type Reply = Result<HttpResponse>;

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Refusals", description = "What people were shown instead of being let in.")),
    paths(list, export, summary)
)]
pub(super) struct Operations;

/// Mounts the resources.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/refusals").get(list))
        .service(web::resource("/refusals.csv").get(export))
        .service(web::resource("/refusals/summary").get(summary));
}

listed!(Wanted, WantedExport, #[param(pattern = "^-?(at)$")] {
    /// Reference number, e.g. `GT-108`.
    number: Option<String>,
    /// The portal: row id or `client_id`.
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
});

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Counted {
    /// Reference number, e.g. `GT-108`.
    number: Option<String>,
    /// The portal: row id or `client_id`.
    client_id: Option<String>,
    /// Milliseconds since 1970; a day before `until` unless given.
    #[param(value_type = Option<i64>, minimum = 0, example = 1_800_000_000_000_i64)]
    since: Option<String>,
    /// Milliseconds since 1970; now unless given.
    #[param(value_type = Option<i64>, minimum = 0, example = 1_800_000_000_000_i64)]
    until: Option<String>,
}

/// Lists refusals, newest first unless asked otherwise.
#[utoipa::path(get, path = "/refusals", operation_id = "list_refusals", params(Wanted), responses(
    (status = 200, description = "A page of refusals.", body = SortedListing<RefusalView>),
    NotFound,
))]
async fn list(caller: Caller<Reads, Wanted>, admin: web::Data<Admin>) -> Reply {
    let (page, wanted) = caller.query.split();
    let mut reading = query::Reading::default();
    let page = reading.sorted(&SORTS, page.each_ref());
    let filter = filter(&admin, reading, &wanted).await?;
    Ok(reply::ok(&admin.refusals(&filter, &page).await?))
}

/// The wanted refusals; whatever is wrong with the query is told here.
async fn filter(admin: &Admin, mut reading: query::Reading, wanted: &WantedExport) -> Result<RefusalFilter> {
    let one = wanted.user_id.is_none() || wanted.member_id.is_none();
    reading.check(one, "member_id", "cannot be combined with user_id");
    let filter = RefusalFilter {
        number: reading.owned("number", wanted.number.as_deref()),
        client_id: None,
        actors: None,
        user_id: wanted.user_id,
        since: reading.moment("since", wanted.since.as_deref()),
        until: reading.moment("until", wanted.until.as_deref()),
    };
    let client = reading.text("client_id", wanted.client_id.as_deref());
    reading.done()?;
    let portal = admin.portal_of_filter(client).await?;
    let actors = match (wanted.user_id, wanted.member_id) {
        (Some(user), _) => Some(admin.actors_of_user(user).await?),
        (None, Some(member)) => Some(admin.actors_of_member(member).await?),
        (None, None) => None,
    };
    Ok(RefusalFilter {
        actors,
        client_id: portal.map(|portal| portal.client_id),
        ..filter
    })
}

/// Exports refusals as CSV, newest first.
///
/// The lines are streamed; where the database fails midway the connection breaks, so that nobody takes a part for the whole.
#[utoipa::path(get, path = "/refusals.csv", operation_id = "export_refusals", params(WantedExport), responses(
    (status = 200, description = "The refusals, a line each.", body = String, content_type = "text/csv"),
    NotFound,
))]
async fn export(caller: Caller<Reads, WantedExport>, by: Download, admin: web::Data<Admin>) -> Reply {
    let filter = filter(&admin, query::Reading::default(), &caller.query).await?;
    let export = Export {
        file: "refusals.csv",
        media: CSV,
        head: csv_rows::refusals::head(),
        by,
    };
    let read = move |page: SortedPage| {
        let (admin, filter) = (admin.clone(), filter.clone());
        async move { admin.refusals(&filter, &page).await }
    };
    let line = (|refusal: &RefusalView| refusal.id, csv_rows::refusals::row);
    streamed_in_order(export, SORTS, read, line).await
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
        client_id: None,
        actors: None,
        user_id: None,
        since: reading.moment("since", wanted.since.as_deref()),
        until: reading.moment("until", wanted.until.as_deref()),
    };
    let client = reading.text("client_id", wanted.client_id.as_deref());
    reading.done()?;
    let portal = admin.portal_of_filter(client).await?;
    let filter = RefusalFilter {
        client_id: portal.map(|portal| portal.client_id),
        ..filter
    };
    Ok(reply::ok(&admin.refusal_summary(filter).await?))
}
