//! The list of access requests: those that wait, unless others are asked for.

use askama::Template;

use super::{model::Asked, settings::unheard};
use crate::console::http::{
    frame::{Frame, Section},
    listing::{Head, Listing},
    moment::Moment,
    names::{self, Source},
    settings::doctor::Finding,
    visit::{Reply, Visit},
};

/// Parameters that are handed on to the API.
const FILTERS: [&str; 4] = ["data_source", "userid", "sort", "cursor"];
/// Those of an export: exactly what is filtered.
const EXPORTED: [&str; 3] = ["data_source", "userid", "state"];
/// Where a request may stand.
const STATES: &[&str] = &[
    "open",
    "approved",
    "refused",
    "expired",
    "withdrawn",
    "overtaken",
    "closed",
];

#[derive(Template)]
#[template(path = "console/requests/list.html")]
struct ListPage {
    frame: Frame,
    sources: Vec<Source>,
    states: &'static [&'static str],
    data_source: String,
    state: String,
    userid: String,
    sort: String,
    export: String,
    by_userid: Head,
    by_creation: Head,
    lines: Vec<Line>,
    /// Companies of which nobody who may decide is told.
    unheard: Vec<Finding>,
    next: Option<String>,
}

impl ListPage {
    /// Nothing was filtered: where there is no request now, nobody waits.
    fn unfiltered(&self) -> bool {
        self.data_source.is_empty() && self.userid.is_empty() && self.state == "open"
    }
}

struct Line {
    asked: Asked,
    source: String,
    portal: Option<String>,
    created: Moment,
    until: Moment,
    decided: Option<Moment>,
    by: Option<String>,
}

pub(super) async fn list(visit: Visit) -> Reply {
    let path = visit.passing_with("access-requests", &FILTERS, state(&visit).as_slice());
    let page: Listing<Asked> = visit.get(&path).await?;
    let named = page.items.iter().map(|asked| asked.data_source_id.as_str());
    let sources = names::sources_and(&visit, named).await?;
    let named = page.items.iter().filter_map(|asked| asked.client_id.as_deref());
    let portals = names::portals_and(&visit, named).await?;
    let decided = page.items.iter().filter_map(|asked| asked.decided_by.as_deref());
    let people = names::actors(&visit, decided).await;
    let frame = visit.frame("console-requests-title", Some(Section::Requests));
    let unheard = unheard(&visit).await?;
    let line = |asked: Asked| Line {
        source: names::source_name(&sources, &asked.data_source_id).to_owned(),
        portal: asked
            .client_id
            .as_deref()
            .map(|id| names::portal_name(&portals, id).to_owned()),
        created: visit.moment(asked.created_at),
        until: visit.moment(asked.expires_at),
        decided: asked.decided_at.map(|at| visit.moment(at)),
        by: asked
            .decided_by
            .as_deref()
            .map(|actor| names::who(&frame, &people, actor)),
        asked,
    };
    let lines = page.items.into_iter().map(line).collect();
    let param = |name: &str| visit.param(name).unwrap_or_default().to_owned();
    Ok(visit.page(&ListPage {
        frame,
        states: STATES,
        data_source: param("data_source"),
        state: visit.param("state").unwrap_or("open").to_owned(),
        userid: param("userid"),
        sort: param("sort"),
        export: visit.passing("/console/requests.csv", &EXPORTED),
        by_userid: Head::of(&visit, "userid", "-created_at"),
        by_creation: Head::of(&visit, "-created_at", "-created_at"),
        lines,
        unheard,
        next: visit.next(page.next_cursor),
        sources,
    }))
}

/// Where the wanted requests stand; none: anywhere.
fn state(visit: &Visit) -> Option<(&'static str, &str)> {
    match visit.param("state") {
        Some("any") => None,
        asked => Some(("state", asked.unwrap_or("open"))),
    }
}

/// Exactly what the list shows.
pub(super) async fn export(visit: Visit) -> Reply {
    let path = visit.passing_with(
        "access-requests.csv",
        &["data_source", "userid"],
        state(&visit).as_slice(),
    );
    visit.download(&path).await
}
