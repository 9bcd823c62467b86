//! Access requests as comma-separated values, one line each. Pure.

use uuid::Uuid;

use crate::{admin::csv::line, requests::view::RequestView};

const HEAD: [&str; 21] = [
    "id",
    "data_source_id",
    "corp_id",
    "userid",
    "name",
    "member_id",
    "client_id",
    "state",
    "reason",
    "created_at_ms",
    "expires_at_ms",
    "decided_at_ms",
    "decided_by",
    "user_id",
    "username",
    "portals",
    "groups",
    "access_until_ms",
    "refusal_reason",
    "reason_shown",
    "mode",
];

/// The line that names the columns.
pub fn head() -> String {
    line(HEAD.map(str::to_owned))
}

/// The line of a request; several portals or groups stand in one cell with blanks, or semicolons, between them.
pub fn row(request: &RequestView) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let id = |id: &Option<Uuid>| id.as_ref().map(Uuid::to_string).unwrap_or_default();
    let moment = |at: Option<i64>| at.map(|at| at.to_string()).unwrap_or_default();
    line([
        request.id.to_string(),
        request.data_source_id.to_string(),
        request.corp_id.clone(),
        request.userid.clone(),
        text(&request.name),
        id(&request.member_id),
        text(&request.client_id),
        request.state.word().to_owned(),
        request.reason.clone(),
        request.created_at.to_string(),
        request.expires_at.to_string(),
        moment(request.decided_at),
        text(&request.decided_by),
        id(&request.user_id),
        text(&request.username),
        request.portals.join(" "),
        request.groups.join("; "),
        moment(request.access_until),
        text(&request.refusal_reason),
        request.reason_shown.to_string(),
        request.mode.clone(),
    ])
}
