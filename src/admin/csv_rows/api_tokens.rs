//! API tokens as comma-separated values, one line each, without the tokens themselves. Pure.

use uuid::Uuid;

use crate::admin::{api_tokens::model::TokenView, csv::line};

const HEAD: [&str; 10] = [
    "id",
    "name",
    "role",
    "prefix",
    "data_sources",
    "clients",
    "created_at_ms",
    "expires_at_ms",
    "revoked_at_ms",
    "last_used_at_ms",
];

/// The line that names the columns.
pub fn head() -> String {
    line(HEAD.map(str::to_owned))
}

/// The line of a token; what it is limited to stands in one cell with blanks between the ids.
pub fn row(token: &TokenView) -> String {
    let moment = |at: Option<i64>| at.map(|at| at.to_string()).unwrap_or_default();
    let scope = token.scope.clone().unwrap_or_default();
    let sources: Vec<String> = scope.data_sources.iter().flatten().map(Uuid::to_string).collect();
    line([
        token.id.to_string(),
        token.name.clone(),
        token.role.word().to_owned(),
        token.prefix.clone().unwrap_or_default(),
        sources.join(" "),
        scope.clients.unwrap_or_default().join(" "),
        token.created_at.to_string(),
        moment(token.expires_at),
        moment(token.revoked_at),
        moment(token.last_used_at),
    ])
}
