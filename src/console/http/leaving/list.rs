//! Reports of whose access ended.

use actix_web::web::{self, ServiceConfig};
use askama::Template;
use serde::Deserialize;

use crate::console::http::{
    days,
    frame::{Frame, Section},
    listing::{Head, Listing},
    moment::Moment,
    named::Names,
    names,
    visit::{Reply, Visit},
};

/// Parameters of the list that are handed on to the API as they are, beside the days.
const FILTERS: [&str; 7] = ["q", "user_id", "data_source_id", "reason", "portals", "sort", "cursor"];
/// Those of an export: exactly what is filtered.
const EXPORTED: [&str; 5] = ["q", "user_id", "data_source_id", "reason", "portals"];
/// What the page's address says of the wanted ones.
const ADDRESSED: [&str; 8] = [
    "q",
    "user_id",
    "data_source_id",
    "reason",
    "portals",
    "since",
    "until",
    "zone",
];
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
    search: String,
    reason: String,
    data_source: String,
    user: String,
    /// Whose user alone is shown, by name.
    of_user: Option<String>,
    portals: String,
    since: String,
    until: String,
    zone: String,
    /// How many people of the last days a portal does not know of, where they are not what is shown.
    unheard: Option<u64>,
    /// The list of everybody.
    everybody: String,
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
    let reports: Listing<Report> = visit.get(&days::passing(&visit, "offboardings", &FILTERS)).await?;
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
    let of_user = match visit.param("user_id") {
        Some(id) => names::people(&visit, [id].into_iter()).await.remove(id),
        None => None,
    };
    let frame = visit.frame("console-leaving-title", Some(Section::Leaving));
    let unheard = frame.waits(Section::Leaving);
    Ok(visit.page(&LeavingPage {
        frame,
        search: param("q"),
        of_user,
        portals: param("portals"),
        since: param("since"),
        until: param("until"),
        zone: param("zone"),
        unheard: unheard.filter(|_| visit.param("portals").is_none()),
        everybody: visit.here_with("user_id", None),
        reason: param("reason"),
        data_source: param("data_source_id"),
        user: param("user_id"),
        reasons: REASONS,
        filtered: ADDRESSED
            .iter()
            .any(|name| *name != "zone" && visit.param(name).is_some()),
        sort: param("sort"),
        export: visit.passing("/console/leaving.csv", &ADDRESSED),
        by_moment: Head::of(&visit, "-at", "-at"),
        reports: reports.items.into_iter().map(line).collect(),
        sources,
        next: visit.next(reports.next_cursor),
    }))
}

async fn export(visit: Visit) -> Reply {
    visit
        .download(&days::passing(&visit, "offboardings.csv", &EXPORTED))
        .await
}
