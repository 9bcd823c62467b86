//! Refusals as comma-separated values, one line each. Pure.

use uuid::Uuid;

use crate::admin::{csv::line, refusals::RefusalView};

const HEAD: [&str; 11] = [
    "id",
    "at_ms",
    "last_at_ms",
    "count",
    "kind",
    "number",
    "title",
    "reference",
    "actor",
    "user_id",
    "client_id",
];

/// The line that names the columns.
pub fn head() -> String {
    line(HEAD.map(str::to_owned))
}

/// The line of a refusal.
pub fn row(refusal: &RefusalView) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let title = refusal.problem.as_ref().map(|problem| problem.title.to_owned());
    line([
        refusal.id.to_string(),
        refusal.at.to_string(),
        refusal.last_at.to_string(),
        refusal.count.to_string(),
        refusal.kind.clone(),
        text(&refusal.number),
        title.unwrap_or_default(),
        text(&refusal.reference),
        refusal.actor.clone(),
        refusal.user_id.as_ref().map(Uuid::to_string).unwrap_or_default(),
        text(&refusal.client_id),
    ])
}
