//! All suites.

use askama::Template;

use super::{
    super::{
        frame::{Frame, Section},
        listing::{Head, Listing},
        moment::Moment,
        visit::{Reply, Visit},
    },
    shared::Suite,
};

struct Row {
    ticket: Option<Moment>,
    suite: Suite,
}

#[derive(Template)]
#[template(path = "console/suites/list.html")]
struct SuitesPage {
    frame: Frame,
    by_name: Head,
    rows: Vec<Row>,
    next: Option<String>,
    done: bool,
}

pub(super) async fn list(visit: Visit) -> Reply {
    let suites: Listing<Suite> = visit.get(&visit.passing("suites", &["sort", "cursor"])).await?;
    let row = |suite: Suite| Row {
        ticket: suite.ticket_at.map(|at| visit.moment(at)),
        suite,
    };
    Ok(visit.page(&SuitesPage {
        frame: visit.frame("console-suites", Some(Section::WeCom)),
        by_name: Head::of(&visit, "name", "created_at"),
        rows: suites.items.into_iter().map(row).collect(),
        next: visit.next(suites.next_cursor),
        done: visit.param("done") == Some("deleted"),
    }))
}
