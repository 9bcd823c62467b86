//! People with a console role as comma-separated values, one line each. Pure.

use uuid::Uuid;

use crate::{admin::csv::line, directory::user::view::OperatorView};

const HEAD: [&str; 11] = [
    "user_id",
    "username",
    "display_name",
    "role",
    "status",
    "data_source_id",
    "password_set",
    "totp_set",
    "passkey_set",
    "access_until_ms",
    "created_at_ms",
];

/// The line that names the columns.
pub fn head() -> String {
    line(HEAD.map(str::to_owned))
}

/// The line of an operator.
pub fn row(operator: &OperatorView) -> String {
    let moment = |at: Option<i64>| at.map(|at| at.to_string()).unwrap_or_default();
    line([
        operator.user_id.to_string(),
        operator.username.clone(),
        operator.display_name.clone().unwrap_or_default(),
        operator.role.clone(),
        operator.status.clone(),
        operator
            .data_source_id
            .as_ref()
            .map(Uuid::to_string)
            .unwrap_or_default(),
        operator.password_set.to_string(),
        operator.totp_set.to_string(),
        operator.passkey_set.to_string(),
        moment(operator.access_until),
        operator.created_at.to_string(),
    ])
}
