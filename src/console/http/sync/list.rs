//! The runs, and starting one.

use actix_web::http::Method;
use askama::Template;
use serde::Deserialize;
use serde_json::json;

use super::model::{Line, Run};
use crate::console::http::{
    address::segment,
    days,
    form::{Form, see_other},
    frame::{Frame, Section},
    listing::{Head, Listing},
    moment::Moment,
    names::{self, Source},
    visit::{Reply, Visit},
};

/// Parameters that are handed on to the API.
const FILTERS: [&str; 6] = ["data_source", "state", "cause", "mode", "sort", "cursor"];

/// Those of an export, beside the days: exactly what is filtered.
const EXPORTED: [&str; 4] = ["data_source", "state", "cause", "mode"];

#[derive(Template)]
#[template(path = "console/sync/list.html")]
struct SyncPage {
    frame: Frame,
    sources: Vec<Mirror>,
    data_source: String,
    state: String,
    cause: String,
    mode: String,
    since: String,
    until: String,
    zone: String,
    sort: String,
    export: String,
    by_beginning: Head,
    runs: Vec<Line>,
    next: Option<String>,
    waiting: Waiting,
}

/// A data source, and how fresh what it read is.
struct Mirror {
    source: Source,
    last: Option<Moment>,
    next: Option<Moment>,
}

/// What waits for somebody's decision.
struct Waiting {
    conflicts: bool,
    identities: bool,
}

#[derive(Deserialize)]
struct Health {
    waiting: Undecided,
}

#[derive(Deserialize)]
struct Undecided {
    conflicts: u64,
    identity_findings: u64,
}

pub(super) async fn list(visit: Visit) -> Reply {
    let runs: Listing<Run> = visit.get(&days::passing(&visit, "sync-runs", &FILTERS)).await?;
    let sources = names::sources(&visit).await?;
    let health: Health = visit.get("health").await?;
    let text = |name| visit.param(name).unwrap_or_default().to_owned();
    let runs_shown = runs
        .items
        .into_iter()
        .map(|run| Line::new(&visit, &sources, run))
        .collect();
    let mirror = |source: Source| Mirror {
        last: source.last_synced_at.map(|at| visit.moment(at)),
        next: source.next_sync_at.map(|at| visit.moment(at)),
        source,
    };
    Ok(visit.page(&SyncPage {
        frame: visit.frame("console-sync-title", Some(Section::Sync)),
        data_source: text("data_source"),
        state: text("state"),
        cause: text("cause"),
        mode: text("mode"),
        since: text("since"),
        until: text("until"),
        zone: text("zone"),
        sort: text("sort"),
        export: visit.passing(
            "/console/sync.csv",
            &["data_source", "state", "cause", "mode", "since", "until", "zone"],
        ),
        by_beginning: Head::of(&visit, "-started_at", "-started_at"),
        runs: runs_shown,
        next: visit.next(runs.next_cursor),
        waiting: Waiting {
            conflicts: health.waiting.conflicts > 0,
            identities: health.waiting.identity_findings > 0,
        },
        sources: sources.into_iter().map(mirror).collect(),
    }))
}

/// Exactly what the list shows.
pub(super) async fn export(visit: Visit) -> Reply {
    visit.download(&days::passing(&visit, "sync-runs.csv", &EXPORTED)).await
}

/// Starts a sync, or only plans one.
pub(super) async fn start(visit: Visit, form: Form) -> Reply {
    let path = format!("data-sources/{}/sync", segment(form.get("data_source").unwrap_or("-")));
    let body = json!({ "mode": visit.deciding(&form, "mode", &["plan", "apply"])? });
    let answer = visit.send(Method::POST, &path, Some(&body)).await?;
    let run: Run = visit.read(&answer)?;
    Ok(see_other(&format!("/console/sync/{}", segment(&run.id))))
}
