//! The companies that installed an app of the service provider.

use askama::Template;

use super::model::{Installation, Line, Suite, suites};
use crate::console::http::{
    frame::{Frame, Section},
    listing::{Head, Listing},
    names,
    visit::{Reply, Visit},
};

/// Parameters that are handed on to the API.
const FILTERS: [&str; 5] = ["q", "suite", "status", "sort", "cursor"];
/// What of them is exported.
const EXPORTED: [&str; 3] = ["q", "suite", "status"];
/// Where an installation may stand.
const STATUSES: &[&str] = &["bound", "unbound", "moved", "expired", "cancelled"];

#[derive(Template)]
#[template(path = "console/installations/list.html")]
struct ListPage {
    frame: Frame,
    suites: Vec<Suite>,
    statuses: &'static [&'static str],
    search: String,
    suite: String,
    status: String,
    sort: String,
    export: String,
    by_company: Head,
    by_arrival: Head,
    lines: Vec<Line>,
    next: Option<String>,
}

pub(super) async fn list(visit: Visit) -> Reply {
    let page: Listing<Installation> = visit.get(&visit.passing("installations", &FILTERS)).await?;
    let suites = suites(&visit).await?;
    let bound = page.items.iter().filter_map(|one| one.bound_by.as_deref());
    let people = names::actors(&visit, bound).await;
    let frame = visit.frame("console-installations", Some(Section::WeCom));
    let line = |one: Installation| {
        let by = one.bound_by.as_deref();
        let by = by.map(|actor| names::who(&frame, &people, actor));
        Line::new(&visit, one, by)
    };
    let lines = page.items.into_iter().map(line).collect();
    let param = |name: &str| visit.param(name).unwrap_or_default().to_owned();
    Ok(visit.page(&ListPage {
        frame,
        statuses: STATUSES,
        search: param("q"),
        suite: param("suite"),
        status: param("status"),
        sort: param("sort"),
        export: visit.passing("/console/installations.csv", &EXPORTED),
        by_company: Head::of(&visit, "corp_name", "-created_at"),
        by_arrival: Head::of(&visit, "-created_at", "-created_at"),
        lines,
        next: visit.next(page.next_cursor),
        suites,
    }))
}

/// Exactly what the list shows.
pub(super) async fn export(visit: Visit) -> Reply {
    visit.download(&visit.passing("installations.csv", &EXPORTED)).await
}
