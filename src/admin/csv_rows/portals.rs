//! Portals as comma-separated values, one line each. Pure.

use crate::admin::{csv::line, portal_activity::ClientLine};

const HEAD: [&str; 16] = [
    "id",
    "client_id",
    "name",
    "enabled",
    "auth_method",
    "scopes",
    "redirect_uris",
    "auth_sources",
    "allowed_departments",
    "allowed_groups",
    "allowed_users",
    "last_sign_in_at_ms",
    "logouts_pending",
    "logouts_failed",
    "created_at_ms",
    "updated_at_ms",
];

/// The line that names the columns.
pub fn head() -> String {
    line(HEAD.map(str::to_owned))
}

/// The line of a portal; several values stand in one cell with blanks between them. No auth sources: it accepts all.
pub fn row(portal: &ClientLine) -> String {
    let client = &portal.client;
    line([
        client.id.to_string(),
        client.client_id.clone(),
        client.name.clone(),
        client.enabled.to_string(),
        client.auth_method.word().to_owned(),
        client.scopes.join(" "),
        client.redirect_uris.join(" "),
        client.auth_sources.as_deref().unwrap_or_default().join(" "),
        client.allowed_departments.join(" "),
        client.allowed_groups.join(" "),
        client.allowed_users.join(" "),
        portal.last_sign_in_at.map(|at| at.to_string()).unwrap_or_default(),
        portal.logouts.pending.to_string(),
        portal.logouts.failed.to_string(),
        client.created_at.to_string(),
        client.updated_at.to_string(),
    ])
}
