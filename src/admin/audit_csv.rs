//! Audit events as comma-separated values, one line each. Pure.

use uuid::Uuid;

use super::{audit_events::model::EventView, csv::line};

const HEAD: [&str; 12] = [
    "id",
    "at_ms",
    "kind",
    "actor",
    "subject",
    "reference",
    "number",
    "user_id",
    "member_id",
    "client_id",
    "data_source_id",
    "detail",
];

/// The line that names the columns.
pub fn head() -> String {
    line(HEAD.map(str::to_owned))
}

/// The line of an event; its detail is JSON in one cell.
pub fn row(event: &EventView) -> String {
    let id = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    line([
        event.id.to_string(),
        event.at.to_string(),
        event.kind.clone(),
        event.actor.clone(),
        event.subject.clone(),
        text(&event.reference),
        text(&event.number),
        id(event.user_id),
        id(event.member_id),
        text(&event.client_id),
        id(event.data_source_id),
        event.detail.to_string(),
    ])
}
