//! Logout deliveries as comma-separated values, one line each. Pure.

use crate::{admin::csv::line, oidc::logout::DeliveryView};

const HEAD: [&str; 13] = [
    "id",
    "session_id",
    "user_id",
    "client",
    "client_id",
    "reason",
    "state",
    "attempts",
    "next_at_ms",
    "last_status",
    "last_error",
    "created_at_ms",
    "delivered_at_ms",
];

/// The line that names the columns.
pub fn head() -> String {
    line(HEAD.map(str::to_owned))
}

/// The line of a delivery.
pub fn row(delivery: &DeliveryView) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let number = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
    line([
        delivery.id.to_string(),
        delivery.session_id.to_string(),
        delivery.user_id.to_string(),
        delivery.client.to_string(),
        text(&delivery.client_id),
        delivery.reason.clone(),
        delivery.state.clone(),
        delivery.attempts.to_string(),
        number(delivery.next_at),
        number(delivery.last_status.map(i64::from)),
        text(&delivery.last_error),
        delivery.created_at.to_string(),
        number(delivery.delivered_at),
    ])
}
