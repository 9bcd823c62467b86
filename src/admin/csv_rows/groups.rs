//! Groups as comma-separated values, one line each. Pure.

use crate::{admin::csv::line, directory::group::view::GroupView};

const HEAD: [&str; 7] = [
    "id",
    "name",
    "description",
    "users",
    "portals",
    "created_at_ms",
    "updated_at_ms",
];

/// The line that names the columns.
pub fn head() -> String {
    line(HEAD.map(str::to_owned))
}

/// The line of a group; the portals whose lists name it stand in one cell with blanks between them.
pub fn row(group: &GroupView) -> String {
    line([
        group.id.to_string(),
        group.name.clone(),
        group.description.clone(),
        group.users.to_string(),
        group.clients.join(" "),
        group.created_at.to_string(),
        group.updated_at.to_string(),
    ])
}
