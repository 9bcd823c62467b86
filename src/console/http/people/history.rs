//! What happened to a person, and what they did.

use actix_web::web::{self, ServiceConfig};
use askama::Template;
use serde::Deserialize;
use serde_json::Value;

use super::user::{self, User};
use crate::console::http::{
    frame::{Frame, Section},
    listing::Listing,
    moment::Moment,
    visit::{Reply, Visit},
};

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

struct Line {
    event: Event,
    /// What was done and to which fields, where the event tells of a change.
    what: String,
    at: Moment,
}

#[derive(Deserialize)]
struct Event {
    at: i64,
    kind: String,
    actor: String,
    client_id: Option<String>,
    number: Option<String>,
    reference: Option<String>,
    #[serde(default)]
    detail: Value,
}

impl Event {
    fn what(&self) -> String {
        let action = self.detail.get("action").and_then(Value::as_str).unwrap_or_default();
        let fields = self
            .detail
            .get("fields")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        let fields: Vec<&str> = fields.filter_map(Value::as_str).collect();
        match fields.is_empty() {
            true => action.to_owned(),
            false => format!("{action}: {}", fields.join(", ")),
        }
    }
}

async fn history(visit: Visit, id: web::Path<String>) -> Reply {
    let user = user::read(&visit, &id).await?;
    let query = visit.passing_with("audit-events", &["cursor"], &[("user", user.id.as_str())]);
    let events: Listing<Event> = visit.get(&query).await?;
    let line = |event: Event| Line {
        what: event.what(),
        at: visit.moment(event.at),
        event,
    };
    let frame = visit.frame("console-person-history", Some(Section::People));
    Ok(visit.page(&HistoryPage {
        frame: frame.titled(user.name()),
        tab: "history",
        events: events.items.into_iter().map(line).collect(),
        next: visit.next(events.next_cursor),
        user,
    }))
}
