//! The device flow (RFC 8628): a screen without a keyboard shows a code, its person types that code on a phone and says yes there.
//!
//! ```text
//! device ─▶ issue.rs ─▶ pending ─▶ approve.rs (page, gate, yes or no) ─┬▶ approved ─▶ token/device.rs (gate again) ─▶ spent
//!                                                                      └▶ denied
//! ```
//! Everything lives in the ephemeral store (`codes.rs`). Each arrow is taken once: yes or no by whoever takes the user code out of the
//! store, tokens by whoever exchanges the approved record for its tombstone.

pub(in crate::oidc) mod approve;
pub(in crate::oidc) mod codes;
pub mod failure;
pub(in crate::oidc) mod issue;
pub(in crate::oidc) mod model;
pub(in crate::oidc) mod user_code;

pub use failure::DeviceFailure;
