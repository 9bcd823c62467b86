//! Password login, with a one-time code (TOTP) as second factor; both are set up by one-time links. No account has a password before its
//! person chose one.
//!
//! ```text
//! submit_password ─┬▶ session                     one factor
//!                  ├▶ submit_code ─▶ session      the user has one-time codes
//!                  └▶ enrol ─▶ session            they must set them up first
//! password link ─▶ choose a password              totp link ─▶ set up one-time codes
//! ```
//! An admin who makes a link hands it over; a link for a forgotten password is mailed.

pub(in crate::signin) mod forgotten;
pub(in crate::signin) mod lockout;
pub(in crate::signin) mod one_time_link_model;
pub(in crate::signin) mod one_time_links;
pub mod password_hashing;
pub(in crate::signin) mod password_login;
pub(in crate::signin) mod password_session;
pub mod policy;
pub(in crate::signin) mod store;
pub(in crate::signin) mod totp_enrolment;
pub(in crate::signin) mod totp_login;
pub(in crate::signin) mod trusted_browser;

pub use one_time_link_model::{Link, LinkWanted, Purpose, SendBy};
pub use policy::PolicyViolation;
