//! Editor of users: who makes an edit, and whether console roles may be touched. Pure.

use crate::{directory::failure::DirectoryFailure, kernel::failure::Result};

/// The actor of an edit, and their right to touch console roles.
#[derive(Clone, Copy, Debug)]
pub struct Editor<'a> {
    /// For the audit event.
    pub actor: &'a str,
    /// May give console roles, and change those who have one. Without this, whoever may edit users could make themselves an admin.
    pub grants_roles: bool,
}

impl Editor<'_> {
    /// Refuses an edit that touches a console role, unless the editor may.
    ///
    /// # Errors
    /// `DI-107`.
    pub fn may_touch(&self, role: Option<&str>) -> Result<()> {
        if role.is_some() && !self.grants_roles {
            return Err(DirectoryFailure::ConsoleUser.into());
        }
        Ok(())
    }
}
