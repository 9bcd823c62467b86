//! An offboarding report as comma-separated values (RFC 4180), one line per portal and session. Pure.

use super::model::{DeliveryLine, PortalView, ReportView};
use crate::admin::csv::{BYTE_ORDER_MARK, line};

const HEAD: [&str; 14] = [
    "report",
    "at_ms",
    "username",
    "userid",
    "reason",
    "learned_by",
    "readmitted_at_ms",
    "portal",
    "portal_state",
    "session",
    "delivery_state",
    "attempts",
    "last_status",
    "delivered_at_ms",
];

/// The report's lines; a report without portals has one line.
pub fn csv(report: &ReportView) -> String {
    let mut out = format!("{BYTE_ORDER_MARK}{}", line(HEAD.map(str::to_owned)));
    for portal in &report.portals {
        for delivery in &portal.deliveries {
            out.push_str(&line(cells(report, Some(portal), Some(delivery))));
        }
        if portal.deliveries.is_empty() {
            out.push_str(&line(cells(report, Some(portal), None)));
        }
    }
    if report.portals.is_empty() {
        out.push_str(&line(cells(report, None, None)));
    }
    out
}

fn cells(report: &ReportView, portal: Option<&PortalView>, delivery: Option<&DeliveryLine>) -> [String; 14] {
    let head = &report.line;
    let number = |value: Option<i64>| value.map(|value| value.to_string()).unwrap_or_default();
    let name = portal.map(|portal| portal.client_id.clone().unwrap_or_else(|| portal.client.to_string()));
    [
        head.id.to_string(),
        head.at.to_string(),
        head.username.clone(),
        head.userid.clone().unwrap_or_default(),
        head.reason.clone(),
        head.learned_by.clone(),
        number(head.readmitted_at),
        name.unwrap_or_default(),
        portal.map(|portal| portal.state.word().to_owned()).unwrap_or_default(),
        delivery
            .map(|delivery| delivery.session_id.to_string())
            .unwrap_or_default(),
        delivery.map(|delivery| delivery.state.clone()).unwrap_or_default(),
        delivery
            .map(|delivery| delivery.attempts.to_string())
            .unwrap_or_default(),
        number(delivery.and_then(|delivery| delivery.last_status).map(i64::from)),
        number(delivery.and_then(|delivery| delivery.delivered_at)),
    ]
}
