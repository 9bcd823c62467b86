//! Events about customers as comma-separated values, one line each. Pure.

use crate::{admin::csv::line, directory::wecom_events::external_contacts::EventView};

const HEAD: [&str; 8] = [
    "id",
    "change",
    "userid",
    "external_userid",
    "chat_id",
    "detail",
    "told_at_ms",
    "received_at_ms",
];

/// The line that names the columns.
pub fn head() -> String {
    line(HEAD.map(str::to_owned))
}

/// The line of an event.
pub fn row(event: &EventView) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    line([
        event.id.to_string(),
        event.change.clone(),
        text(&event.userid),
        text(&event.external_userid),
        text(&event.chat_id),
        text(&event.detail),
        event.told_at.map(|at| at.to_string()).unwrap_or_default(),
        event.received_at.to_string(),
    ])
}
