//! The companies that installed an app of the service provider.

use askama::Template;

use super::model::{Installation, Line, Suite, suites};
use crate::console::http::{
    frame::{Frame, Section},
    listing::Listing,
    names,
    visit::{Reply, Visit},
};

/// Parameters that are handed on to the API.
const FILTERS: [&str; 4] = ["suite", "status", "sort", "cursor"];
/// Where an installation may stand.
const STATUSES: &[&str] = &["bound", "unbound", "moved", "expired", "cancelled"];

#[derive(Template)]
#[template(path = "console/installations/list.html")]
struct ListPage {
    frame: Frame,
    suites: Vec<Suite>,
    statuses: &'static [&'static str],
    suite: String,
    status: String,
    lines: Vec<Line>,
    next: Option<String>,
}

pub(super) async fn list(visit: Visit) -> Reply {
    let page: Listing<Installation> = visit.get(&visit.passing("installations", &FILTERS)).await?;
    let suites = suites(&visit).await?;
    let operators = names::operators(&visit).await?;
    let line = |one: Installation| {
        let by = one
            .bound_by
            .as_deref()
            .map(|actor| names::actor_name(&operators, actor));
        Line::new(&visit, one, by)
    };
    let param = |name: &str| visit.param(name).unwrap_or_default().to_owned();
    Ok(visit.page(&ListPage {
        frame: visit.frame("console-installations", Some(Section::WeCom)),
        statuses: STATUSES,
        suite: param("suite"),
        status: param("status"),
        lines: page.items.into_iter().map(line).collect(),
        next: visit.next(page.next_cursor),
        suites,
    }))
}
