//! Who edits users, and whom they may touch. Pure.

use crate::{directory::failure::DirectoryFailure, kernel::failure::Result};

/// Who edits users.
#[derive(Clone, Copy, Debug)]
pub struct Editor<'a> {
    /// For the audit event.
    pub actor: &'a str,
    /// May give console roles, and change those who have one. Without this, whoever may edit users could make themselves an admin.
    pub grants_roles: bool,
}

impl Editor<'_> {
    /// Refuses whoever may not touch console roles.
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
