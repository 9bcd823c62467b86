//! Conflicts as comma-separated values, one line each. Pure.

use uuid::Uuid;

use crate::{admin::csv::line, directory::importing::model::ConflictView};

const HEAD: [&str; 11] = [
    "id",
    "data_source_id",
    "userid",
    "name",
    "why",
    "number",
    "decision",
    "decided_by",
    "decided_at_ms",
    "user_id",
    "candidates",
];

/// The line that names the columns.
pub fn head() -> String {
    line(HEAD.map(str::to_owned))
}

/// The line of a conflict; the usernames of those whom the member may duplicate stand in one cell with blanks between them.
pub fn row(conflict: &ConflictView) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let candidates: Vec<&str> = conflict.candidates.iter().map(|one| one.username.as_str()).collect();
    let number = conflict.problem.as_ref().map(|problem| problem.number.to_owned());
    line([
        conflict.id.to_string(),
        conflict.data_source_id.to_string(),
        conflict.userid.clone(),
        text(&conflict.name),
        text(&conflict.why),
        number.unwrap_or_default(),
        conflict.decision.to_owned(),
        text(&conflict.decided_by),
        conflict.decided_at.map(|at| at.to_string()).unwrap_or_default(),
        conflict.user_id.as_ref().map(Uuid::to_string).unwrap_or_default(),
        candidates.join(" "),
    ])
}
