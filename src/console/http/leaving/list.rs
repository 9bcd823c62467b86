//! Reports of whose access ended.

use actix_web::web::{self, ServiceConfig};
use askama::Template;
use serde::Deserialize;

use crate::console::http::{
    frame::{Frame, Section},
    listing::{Head, Listing},
    moment::Moment,
    named::Names,
    visit::{Reply, Visit},
};

/// Parameters of the list that are handed on to the API.
const FILTERS: [&str; 5] = ["user_id", "data_source_id", "reason", "sort", "cursor"];
/// Those of an export: exactly what is filtered.
const EXPORTED: [&str; 3] = ["user_id", "data_source_id", "reason"];
/// Why access ends.
const REASONS: [&str; 12] = [
    "departed",
    "wecom_disabled",
    "wecom_not_activated",
    "wecom_left",
    "wecom_status_unknown",
    "out_of_scope",
    "admin",
    "deleted",
    "access_ended",
    "source_removed",
    "installation_cancelled",
    "excluded",
];

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/leaving", web::get().to(list))
        .route("/leaving.csv", web::get().to(export));
}

#[derive(Template)]
#[template(path = "console/leaving/list.html")]
struct LeavingPage {
    frame: Frame,
    reason: String,
    data_source: String,
    user: String,
    reasons: [&'static str; 12],
    sources: Names,
    filtered: bool,
    sort: String,
    export: String,
    by_moment: Head,
    reports: Vec<Line>,
    next: Option<String>,
}

struct Line {
    report: Report,
    source: Option<String>,
    at: Moment,
    back: Option<Moment>,
}

#[derive(Deserialize)]
struct Report {
    id: String,
    at: i64,
    user_id: String,
    username: String,
    reason: String,
    learned_by: String,
    data_source_id: Option<String>,
    app_id: Option<String>,
    readmitted_at: Option<i64>,
    portal_counts: Counts,
}

#[derive(Clone, Copy, Deserialize)]
struct Counts {
    told: u64,
    pending: u64,
    failed: u64,
    cannot_be_told: u64,
}

impl Counts {
    /// How far the ending has come, as a word of the style sheet.
    const fn word(self) -> &'static str {
        match self {
            Self { failed: 1.., .. } => "failed",
            Self { pending: 1.., .. } => "pending",
            Self { told: 1.., .. } => "told",
            Self {
                cannot_be_told: 1.., ..
            } => "unknown",
            _ => "nowhere",
        }
    }
}

async fn list(visit: Visit) -> Reply {
    let reports: Listing<Report> = visit.get(&visit.passing("offboardings", &FILTERS)).await?;
    let sources: Names = visit.get("data-sources?limit=200").await?;
    let param = |name: &str| visit.param(name).unwrap_or_default().to_owned();
    let line = |report: Report| Line {
        source: report
            .data_source_id
            .as_deref()
            .and_then(|id| sources.of(id))
            .map(str::to_owned),
        at: visit.moment(report.at),
        back: report.readmitted_at.map(|at| visit.moment(at)),
        report,
    };
    Ok(visit.page(&LeavingPage {
        frame: visit.frame("console-leaving-title", Some(Section::Leaving)),
        reason: param("reason"),
        data_source: param("data_source_id"),
        user: param("user_id"),
        reasons: REASONS,
        filtered: EXPORTED.iter().any(|name| visit.param(name).is_some()),
        sort: param("sort"),
        export: visit.passing("/console/leaving.csv", &EXPORTED),
        by_moment: Head::of(&visit, "-at", "-at"),
        reports: reports.items.into_iter().map(line).collect(),
        sources,
        next: visit.next(reports.next_cursor),
    }))
}

async fn export(visit: Visit) -> Reply {
    visit.download(&visit.passing("offboardings.csv", &EXPORTED)).await
}
