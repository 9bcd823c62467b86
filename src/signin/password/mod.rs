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

mod code;
mod enrol;
mod enter;
mod known;
mod limits;
mod links;
pub mod rules;
mod store;

pub use enrol::{Enrolled, Enrolment};
pub use enter::{Carried, Entered, Step};
pub use known::LIFETIME as KNOWN_FOR;
pub use links::{Link, Purpose};
pub use rules::Unfit;

use std::sync::Arc;

use super::journey::Journeys;
use crate::{
    config::{PasswordConfig, TotpPolicy},
    crypto::password::Hashing,
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
