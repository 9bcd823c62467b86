//! Findings about identities as comma-separated values, one line each. Pure.

use serde_json::Value;
use uuid::Uuid;

use crate::{admin::csv::line, directory::identity::model::FindingView};

const HEAD: [&str; 19] = [
    "id",
    "data_source_id",
    "member_id",
    "userid",
    "user_id",
    "state",
    "reason",
    "number",
    "opened_at_ms",
    "decided_by",
    "decided_at_ms",
    "before_name",
    "before_mobile",
    "before_emails",
    "before_departments",
    "after_name",
    "after_mobile",
    "after_emails",
    "after_departments",
];

/// The line that names the columns.
pub fn head() -> String {
    line(HEAD.map(str::to_owned))
}

/// The line of a finding; addresses and departments stand in one cell with blanks between them.
pub fn row(finding: &FindingView) -> String {
    let number = finding.problem.as_ref().map(|problem| problem.number.to_owned());
    let [name, mobile, emails, departments] = traits(&finding.before);
    let [name_now, mobile_now, emails_now, departments_now] = traits(&finding.after);
    line([
        finding.id.to_string(),
        finding.data_source_id.to_string(),
        finding.member_id.to_string(),
        finding.userid.clone(),
        finding.user_id.as_ref().map(Uuid::to_string).unwrap_or_default(),
        finding.state.clone(),
        finding.reason.clone(),
        number.unwrap_or_default(),
        finding.opened_at.to_string(),
        finding.decided_by.clone().unwrap_or_default(),
        finding.decided_at.map(|at| at.to_string()).unwrap_or_default(),
        name,
        mobile,
        emails,
        departments,
        name_now,
        mobile_now,
        emails_now,
        departments_now,
    ])
}

/// What tells somebody from others, a cell each.
fn traits(held: &Value) -> [String; 4] {
    ["name", "mobile", "emails", "departments"].map(|name| held.get(name).map(cell).unwrap_or_default())
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}
