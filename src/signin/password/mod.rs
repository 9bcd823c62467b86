//! Signing in with a password, and with a one-time code on top; setting both up by one-time links. No account has a password before its
//! person chose one.
//!
//! ```text
//! enter ─┬▶ session                        one factor
//!        ├▶ enter_code ─▶ session          the user has one-time codes
//!        └▶ enrol ─▶ session               they must set them up first
//! password link ─▶ choose a password       totp link ─▶ set up one-time codes
//! ```
//! Deliberately absent: e-mail. Whoever makes a link hands it over.

mod lockout;
mod one_time_links;
pub(in crate::signin) mod password_login;
pub mod policy;
mod store;
pub(in crate::signin) mod totp_enrolment;
mod totp_login;
pub(in crate::signin) mod trusted_browser;

pub use one_time_links::{Link, Purpose};
pub use password_login::{ClientContext, PasswordCredentials, Step};
pub use policy::PolicyViolation;
pub use totp_enrolment::{Enrolled, Enrolment};

use std::sync::Arc;

use super::journey::Journeys;
use crate::{
    config::{PasswordConfig, TotpPolicy},
    crypto::password_hash::Hashing,
    kernel::entropy::Entropy,
};

/// The rules of passwords, and the pool that checks them. Cheap to clone.
#[derive(Clone)]
pub struct Passwords {
    settings: Arc<PasswordConfig>,
    hashing: Hashing,
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

    pub(super) fn local_users(&self) -> bool {
        self.settings.local_users
    }

    /// Whether somebody must have one-time codes.
    fn demands_codes(&self, console_user: bool) -> bool {
        match self.settings.totp {
            TotpPolicy::Optional => false,
            TotpPolicy::Required => true,
            TotpPolicy::RequiredForAdmins => console_user,
        }
    }
}

impl Journeys {
    /// Password hashes computed since the start.
    pub fn password_hashes(&self) -> usize {
        self.parts.passwords.hashing.done()
    }
}
