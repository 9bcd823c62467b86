//! Editor of users: who makes an edit, and whether console roles may be touched. Pure.

use super::input::ConsoleRole;
use crate::{directory::failure::DirectoryFailure, kernel::failure::Result};

/// Console roles that an admin may touch.
const BELOW_OWNER: [&str; 3] = [
    ConsoleRole::Admin.word(),
    ConsoleRole::Operator.word(),
    ConsoleRole::Auditor.word(),
];

/// The actor of an edit, and their right to touch console roles.
#[derive(Clone, Copy, Debug)]
pub struct Editor<'a> {
    /// For the audit event.
    pub actor: &'a str,
    /// May give console roles, and change those who have one. Without this, whoever may edit users could make themselves an admin.
    pub grants_roles: bool,
    /// May do so also with the console role `owner`. Without this, an admin could make themselves an owner.
    pub grants_owner: bool,
}

impl Editor<'_> {
    /// Refuses an edit that touches a console role, unless the editor may.
    ///
    /// # Errors
    /// `DI-107`.
    pub fn may_touch(&self, role: Option<&str>) -> Result<()> {
        let Some(role) = role else { return Ok(()) };
        match self.touchable() {
            Some(roles) if !roles.contains(&role) => Err(DirectoryFailure::ConsoleUser.into()),
            _ => Ok(()),
        }
    }

    /// The console roles that the editor may give, and whose people they may change; `None`: all. Nobody but who may touch all touches a role
    /// that is not known here.
    pub const fn touchable(&self) -> Option<&'static [&'static str]> {
        match (self.grants_roles, self.grants_owner) {
            (_, true) => None,
            (true, false) => Some(&BELOW_OWNER),
            (false, false) => Some(&[]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_touches_what_is_not_above_them() {
        let editor = |grants_roles, grants_owner| Editor {
            actor: "token:x",
            grants_roles,
            grants_owner,
        };
        let (operator, admin, owner) = (editor(false, false), editor(true, false), editor(true, true));
        for (role, expected) in [
            (None, [true, true, true]),
            (Some("auditor"), [false, true, true]),
            (Some("admin"), [false, true, true]),
            (Some("owner"), [false, false, true]),
            (Some("something new"), [false, false, true]),
        ] {
            let may = [operator, admin, owner].map(|editor| editor.may_touch(role).is_ok());
            assert_eq!(may, expected, "{role:?}");
        }
    }
}
