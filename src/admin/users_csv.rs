//! Users as comma-separated values, one line each. Pure.

use uuid::Uuid;

use super::csv::line;
use crate::directory::user::view::UserView;

const HEAD: [&str; 15] = [
    "id",
    "username",
    "display_name",
    "email",
    "email_verified",
    "phone_number",
    "status",
    "disabled_reason",
    "access_until_ms",
    "console_role",
    "data_source_id",
    "userids",
    "last_sign_in_at_ms",
    "created_at_ms",
    "updated_at_ms",
];

/// The line that names the columns.
pub fn head() -> String {
    line(HEAD.map(str::to_owned))
}

/// The line of a user; of several members the userids stand in one cell with blanks between them.
pub fn row(user: &UserView) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let userids: Vec<&str> = user.members.iter().map(|member| member.userid.as_str()).collect();
    line([
        user.id.to_string(),
        user.username.clone(),
        text(&user.display_name),
        text(&user.email),
        user.email_verified.to_string(),
        text(&user.phone_number),
        user.status.clone(),
        text(&user.disabled_reason),
        user.access_until.map(|at| at.to_string()).unwrap_or_default(),
        text(&user.console_role),
        user.data_source_id.as_ref().map(Uuid::to_string).unwrap_or_default(),
        userids.join(" "),
        user.last_sign_in_at.map(|at| at.to_string()).unwrap_or_default(),
        user.created_at.to_string(),
        user.updated_at.to_string(),
    ])
}
