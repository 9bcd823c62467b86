//! Password settings and the pool that hashes.

use std::sync::Arc;

use crate::{
    config::{PasswordConfig, TotpPolicy},
    crypto::password_hash::Hashing,
    kernel::entropy::Entropy,
};

/// The rules of passwords, and the pool that checks them. Cheap to clone.
#[derive(Clone)]
pub struct Passwords {
    pub(in crate::signin) settings: Arc<PasswordConfig>,
    pub(in crate::signin) hashing: Hashing,
}

impl Passwords {
    /// With these settings.
    pub fn new(settings: PasswordConfig, entropy: Entropy) -> Self {
        let hashing = Hashing::new(settings.parallel, settings.queue, entropy);
        Self {
            settings: Arc::new(settings),
            hashing,
        }
    }

    pub(in crate::signin) fn local_users(&self) -> bool {
        self.settings.local_users
    }

    /// Whether somebody must have one-time codes.
    pub(in crate::signin) fn demands_codes(&self, console_user: bool) -> bool {
        match self.settings.totp {
            TotpPolicy::Optional => false,
            TotpPolicy::Required => true,
            TotpPolicy::RequiredForAdmins => console_user,
        }
    }
}
