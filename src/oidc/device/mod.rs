//! The device flow, device authorization grant (RFC 8628): a device shows a code, its person types it on a phone and approves there.
//!
//! ```text
//! device ─▶ issue.rs ─▶ pending ─▶ approve.rs (page, gate, yes or no) ─┬▶ approved ─▶ token/device_code.rs (gate again) ─▶ spent
//!                                                                      └▶ denied
//! ```
//! Everything is in the ephemeral store (`codes.rs`). Each transition happens once: yes or no by whoever takes the user code out of the
//! store, tokens by whoever exchanges the approved record for its tombstone.

pub(in crate::oidc) mod approve;
pub(in crate::oidc) mod codes;
pub mod failure;
pub(in crate::oidc) mod issue;
pub(in crate::oidc) mod model;
pub(in crate::oidc) mod user_code;

pub use failure::DeviceFailure;
