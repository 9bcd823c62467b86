//! Passkeys (Web Authentication Level 3): signing in by a key in a phone, a computer or a security key, which its owner unlocks there by a PIN or a
//! finger. Nothing is typed, and no username is asked for: the key knows whose it is.
//!
//! ```text
//! begin_passkey ─▶ browser asks the key ─▶ finish_passkey ─▶ session        on the login page
//! begin_own_passkey ─▶ browser makes one ─▶ add_own_passkey                 on /account/passkeys
//! begin_first_passkey ─▶ browser makes one ─▶ add_first_passkey ─▶ login    instead of one-time codes, after a new password
//! ```
//! The database keeps public keys only. Every challenge is bound to where it was asked for and answers once.

pub(in crate::signin) mod by_admin;
pub(in crate::signin) mod ceremony;
pub(in crate::signin) mod challenge;
pub(in crate::signin) mod first;
pub(in crate::signin) mod login;
pub mod model;
pub(in crate::signin) mod own;
pub(in crate::signin) mod store;

pub use ceremony::RelyingParty;
pub use model::PasskeyView;
