//! Password settings and the bounded pool that hashes passwords.

use std::sync::Arc;

use crate::{
    config::{PasswordConfig, TotpPolicy},
    crypto::password_hash::PasswordHasher,
    kernel::entropy::Entropy,
};

/// Password settings and the hashing pool. Cheap to clone.
#[derive(Clone)]
pub struct Passwords {
    pub(in crate::signin) settings: Arc<PasswordConfig>,
    pub(in crate::signin) hashing: PasswordHasher,
}

impl Passwords {
    /// Creates the pool from these settings.
    pub fn new(settings: PasswordConfig, entropy: Entropy) -> Self {
        let hashing = PasswordHasher::new(settings.parallel, settings.queue, entropy);
        Self {
            settings: Arc::new(settings),
            hashing,
        }
    }

    pub(in crate::signin) fn local_users(&self) -> bool {
        self.settings.local_users
    }

    /// Whether one-time codes are required of a user.
    pub(in crate::signin) fn demands_codes(&self, console_user: bool) -> bool {
        match self.settings.totp {
            TotpPolicy::Optional => false,
            TotpPolicy::Required => true,
            TotpPolicy::RequiredForAdmins => console_user,
        }
    }
}
