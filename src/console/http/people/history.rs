//! What happened to a person, and what they did.

use actix_web::web::{self, ServiceConfig};
use askama::Template;

use super::user::{self, User};
use crate::console::http::{
    audit::{Event, Known, Line},
    frame::{Frame, Section},
    listing::Listing,
    visit::{Reply, Visit},
};

/// Events of a page, as many as the audit log shows.
const LINES: &str = "25";

pub(super) fn routes(config: &mut ServiceConfig) {
    config.route("/people/{id}/history", web::get().to(history));
}

#[derive(Template)]
#[template(path = "console/people/history.html")]
struct HistoryPage {
    frame: Frame,
    tab: &'static str,
    user: User,
    events: Vec<Line>,
    next: Option<String>,
}

impl HistoryPage {
    /// What an event is about and its page, where it is not the person.
    fn elsewhere<'a>(&self, line: &'a Line) -> Option<(&'a str, &'a str)> {
        let (what, page) = &line.subject;
        let page = page.as_deref().filter(|page| !page.ends_with(&self.user.id));
        page.map(|page| (what.as_str(), page))
    }
}

async fn history(visit: Visit, id: web::Path<String>) -> Reply {
    let user = user::read(&visit, &id).await?;
    let own = [("user", user.id.as_str()), ("limit", LINES)];
    let query = visit.passing_with("audit-events", &["cursor"], &own);
    let events: Listing<Event> = visit.get(&query).await?;
    let known = Known::of(&visit, &events.items).await;
    let frame = visit.frame("console-person-history", Some(Section::People));
    let line = |event: Event| known.line(&visit, &frame, event);
    let events_shown = events.items.into_iter().map(line).collect();
    Ok(visit.page(&HistoryPage {
        frame: frame.titled(user.name()),
        tab: "history",
        events: events_shown,
        next: visit.next(events.next_cursor),
        user,
    }))
}
