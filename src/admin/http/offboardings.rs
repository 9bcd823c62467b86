//! Handlers of offboarding reports. Needs `web::Data<Admin>` and `web::Data<Provider>`.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE},
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};
use uuid::Uuid;

use super::{
    authorization::{Caller, Operates, Reads},
    download::Download,
    export::{CSV, Export, streamed_in_order},
    listed::listed,
    query, reply,
};
use crate::admin::{
    offboardings::model::{ReportLine, ReportSummary, ReportView},
    openapi::params::ById,
};
use crate::kernel::sorting::{SortedListing, SortedPage};
use crate::{
    admin::{
        csv_rows,
        offboardings::{
            ReportFilter, csv,
            model::{SORTS, Unheard},
        },
        service::Admin,
    },
    directory::offboarding::model::EndReason,
    kernel::failure::Result,
    oidc::Provider,
    web::input::NoBody,
};

type Reply = Result<HttpResponse>;

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Offboardings", description = "Reports of whose access ended, why, and which portals know.")),
    paths(list, export_all, summary, read, export, resend)
)]
pub(super) struct Operations;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/offboardings").get(list))
        .service(web::resource("/offboardings.csv").get(export_all))
        .service(web::resource("/offboardings/summary").get(summary))
        .service(web::resource("/offboardings/{id}").get(read))
        .service(web::resource("/offboardings/{id}/export").get(export))
        .service(web::resource("/offboardings/{id}/resend").post(resend));
}

listed!(Wanted, WantedExport, #[param(pattern = "^-?(at)$")] {
    /// Only of the user with this row id.
    user_id: Option<Uuid>,
    /// Only of people of the data source with this row id.
    data_source_id: Option<Uuid>,
    /// Only those for this reason.
    #[param(value_type = Option<EndReason>, inline)]
    reason: Option<String>,
    /// Part of the username or userid at that moment, or of the name now, without regard to letter case; up to 200 characters.
    #[param(max_length = 200, example = "zhang")]
    q: Option<String>,
    /// Only those of which a portal does not know: `failed`: a logout could not be delivered; `pending`: one is on its way.
    #[param(value_type = Option<Unheard>, inline)]
    portals: Option<String>,
    /// Only those at this moment or later, milliseconds since 1970.
    #[param(value_type = Option<i64>, minimum = 0, example = 1_800_000_000_000_i64)]
    since: Option<String>,
    /// Only those before this moment, milliseconds since 1970.
    #[param(value_type = Option<i64>, minimum = 0, example = 1_800_000_000_000_i64)]
    until: Option<String>,
});

/// Lists offboarding reports, newest first.
#[utoipa::path(get, path = "/offboardings", operation_id = "list_offboardings", params(Wanted), responses(
    (status = 200, description = "A page of reports.", body = SortedListing<ReportLine>),
))]
async fn list(caller: Caller<Reads, Wanted>, admin: web::Data<Admin>) -> Reply {
    let (page, wanted) = caller.query.split();
    let mut reading = query::Reading::default();
    let page = reading.sorted(&SORTS, page.each_ref());
    let filter = filter(reading, &wanted)?;
    Ok(reply::ok(&admin.offboardings(&filter, &page).await?))
}

/// The wanted reports; whatever is wrong with the query is told here.
fn filter(mut reading: query::Reading, wanted: &WantedExport) -> Result<ReportFilter> {
    let words = EndReason::ALL.map(EndReason::word);
    let reason = reading.word("reason", wanted.reason.as_deref(), &words);
    let portals = reading.word("portals", wanted.portals.as_deref(), &Unheard::ALL.map(Unheard::word));
    let filter = ReportFilter {
        search: reading.owned("q", wanted.q.as_deref()),
        unheard: portals.as_deref().and_then(Unheard::of),
        since: reading.moment("since", wanted.since.as_deref()),
        until: reading.moment("until", wanted.until.as_deref()),
        user: wanted.user_id,
        data_source: wanted.data_source_id,
        reason: reason.as_deref().and_then(EndReason::of),
    };
    reading.done().map(|()| filter)
}

/// Exports offboarding reports as CSV, newest first; `GET /offboardings/{id}/export` has the portals and sessions of one.
///
/// The lines are streamed; where the database fails midway the connection breaks, so that nobody takes a part for the whole.
#[utoipa::path(get, path = "/offboardings.csv", operation_id = "export_offboardings", params(WantedExport), responses(
    (status = 200, description = "The reports, a line each.", body = String, content_type = "text/csv"),
))]
async fn export_all(caller: Caller<Reads, WantedExport>, by: Download, admin: web::Data<Admin>) -> Reply {
    let filter = filter(query::Reading::default(), &caller.query)?;
    let export = Export {
        file: "offboardings.csv",
        media: CSV,
        head: csv_rows::offboardings::head(),
        by,
    };
    let read = move |page: SortedPage| {
        let (admin, filter) = (admin.clone(), filter.clone());
        async move { admin.offboardings(&filter, &page).await }
    };
    let line = (|report: &ReportLine| report.id, csv_rows::offboardings::row);
    streamed_in_order(export, SORTS, read, line).await
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Counted {
    /// Milliseconds since 1970; thirty days ago unless given.
    #[param(value_type = Option<i64>, minimum = 0, example = 1_800_000_000_000_i64)]
    since: Option<String>,
}

/// Counts whose access ended, and tells how long the slowest portal took to hear of it.
#[utoipa::path(get, path = "/offboardings/summary", operation_id = "summarize_offboardings", params(Counted), responses(
    (status = 200, description = "The counts.", body = ReportSummary),
))]
async fn summary(caller: Caller<Reads, Counted>, admin: web::Data<Admin>) -> Reply {
    let mut reading = query::Reading::default();
    let since = reading.moment("since", caller.query.since.as_deref());
    reading.done()?;
    Ok(reply::ok(&admin.offboarding_summary(since).await?))
}

/// Reads an offboarding report in full.
#[utoipa::path(get, path = "/offboardings/{id}", operation_id = "read_offboarding", params(ById), responses(
    (status = 200, description = "The report.", body = ReportView),
))]
async fn read(_: Caller<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&admin.offboarding(*id).await?))
}

/// Exports an offboarding report as CSV.
#[utoipa::path(get, path = "/offboardings/{id}/export", operation_id = "export_offboarding", params(ById), responses(
    (status = 200, description = "The report, a line for each portal and session.", body = String, content_type = "text/csv"),
))]
async fn export(_: Caller<Reads>, by: Download, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    let report = admin.offboarding(*id).await?;
    by.whole(1).await?;
    let name = format!("attachment; filename=\"offboarding-{id}.csv\"");
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_TYPE, CSV))
        .insert_header((CONTENT_DISPOSITION, name))
        .body(csv(&report)))
}

/// Sends the logouts of a report again that portals have not confirmed.
#[utoipa::path(post, path = "/offboardings/{id}/resend", operation_id = "resend_offboarding", params(ById), responses(
    (status = 202, description = "The report; logouts are sent in the background.", body = ReportView),
))]
async fn resend(
    caller: Caller<Operates>,
    admin: web::Data<Admin>,
    provider: web::Data<Provider>,
    id: web::Path<Uuid>,
    _: NoBody,
) -> Reply {
    let report = admin.resend_offboarding(caller.actor(), &provider, *id).await?;
    Ok(reply::accepted(format!("/api/v1/offboardings/{id}"), &report))
}
