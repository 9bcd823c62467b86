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

pub(in crate::signin) mod link;
pub(in crate::signin) mod lockout;
pub(in crate::signin) mod one_time_links;
pub(in crate::signin) mod password_login;
pub mod passwords;
pub mod policy;
pub(in crate::signin) mod store;
pub(in crate::signin) mod totp_enrolment;
pub(in crate::signin) mod totp_login;
pub(in crate::signin) mod trusted_browser;

pub use link::{Link, Purpose};
pub use policy::PolicyViolation;
