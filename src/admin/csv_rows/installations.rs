//! Installations as comma-separated values, one line each. Pure.

use uuid::Uuid;

use crate::{admin::csv::line, directory::installation::view::InstallationView};

const HEAD: [&str; 22] = [
    "id",
    "suite_id",
    "suite_name",
    "corp_id",
    "corp_name",
    "app_name",
    "agent_id",
    "status",
    "way",
    "installed_by",
    "installed_at_ms",
    "expires_at_ms",
    "data_source_id",
    "data_source_name",
    "members",
    "departments",
    "bound_by",
    "bound_at_ms",
    "cancelled_at_ms",
    "data_removed_at_ms",
    "problems",
    "created_at_ms",
];

/// The line that names the columns.
pub fn head() -> String {
    line(HEAD.map(str::to_owned))
}

/// The line of an installation; the numbers of its problems stand in one cell with blanks between them.
pub fn row(one: &InstallationView) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let number = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
    let problems: Vec<&str> = one.problems.iter().map(|problem| problem.number).collect();
    line([
        one.id.to_string(),
        one.suite_id.to_string(),
        one.suite_name.clone(),
        one.corp_id.clone(),
        one.corp_name.clone(),
        one.app_name.clone(),
        number(one.agent_id),
        one.status.word().to_owned(),
        one.way.word().to_owned(),
        text(&one.installed_by),
        one.installed_at.to_string(),
        number(one.expires_at),
        one.data_source_id.as_ref().map(Uuid::to_string).unwrap_or_default(),
        text(&one.data_source_name),
        number(one.members),
        number(one.departments),
        text(&one.bound_by),
        number(one.bound_at),
        number(one.cancelled_at),
        number(one.data_removed_at),
        problems.join(" "),
        one.created_at.to_string(),
    ])
}
