//! Members as comma-separated values, one line each. Pure.

use uuid::Uuid;

use crate::{admin::csv::line, directory::contacts::MemberView};

const HEAD: [&str; 18] = [
    "id",
    "data_source_id",
    "userid",
    "name",
    "alias",
    "position",
    "email",
    "mobile",
    "main_department",
    "departments",
    "status",
    "state",
    "departed_at_ms",
    "checked_at_ms",
    "user_id",
    "import_outcome",
    "import_reason",
    "number",
];

/// The line that names the columns.
pub fn head() -> String {
    line(HEAD.map(str::to_owned))
}

/// The line of a member; WeCom's ids of several departments stand in one cell with blanks between them.
pub fn row(member: &MemberView) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let number = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
    let departments: Vec<String> = member.departments.iter().map(i64::to_string).collect();
    line([
        member.id.to_string(),
        member.data_source_id.to_string(),
        member.userid.clone(),
        text(&member.name),
        text(&member.alias),
        text(&member.position),
        text(&member.email),
        text(&member.mobile),
        number(member.main_department),
        departments.join(" "),
        number(member.status.map(i64::from)),
        member.state.clone(),
        number(member.departed_at),
        member.checked_at.to_string(),
        member.user_id.as_ref().map(Uuid::to_string).unwrap_or_default(),
        member.import_outcome.clone(),
        text(&member.import_reason),
        member
            .problem
            .as_ref()
            .map(|problem| problem.number.to_string())
            .unwrap_or_default(),
    ])
}
