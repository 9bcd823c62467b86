//! Offboarding reports as comma-separated values, one line each. Pure.

use uuid::Uuid;

use crate::admin::{csv::line, offboardings::ReportLine};

const HEAD: [&str; 16] = [
    "id",
    "at_ms",
    "user_id",
    "username",
    "userid",
    "member_id",
    "data_source_id",
    "app_id",
    "reason",
    "learned_by",
    "user_disabled",
    "readmitted_at_ms",
    "portals_told",
    "portals_pending",
    "portals_failed",
    "portals_that_cannot_be_told",
];

/// The line that names the columns.
pub fn head() -> String {
    line(HEAD.map(str::to_owned))
}

/// The line of a report.
pub fn row(report: &ReportLine) -> String {
    let id = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    let portals = &report.portal_counts;
    line([
        report.id.to_string(),
        report.at.to_string(),
        report.user_id.to_string(),
        report.username.clone(),
        report.userid.clone().unwrap_or_default(),
        id(report.member_id),
        id(report.data_source_id),
        id(report.app_id),
        report.reason.clone(),
        report.learned_by.clone(),
        report.user_disabled.to_string(),
        report.readmitted_at.map(|at| at.to_string()).unwrap_or_default(),
        portals.told.to_string(),
        portals.pending.to_string(),
        portals.failed.to_string(),
        portals.cannot_be_told.to_string(),
    ])
}
