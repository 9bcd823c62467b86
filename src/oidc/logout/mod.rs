//! The end of sessions as portals learn of it.
//!
//! ```text
//! hint.rs     an ID token of ours that a portal shows again
//! rp.rs       a portal sends the browser to be signed out        (RP-Initiated Logout 1.0)
//! front.rs    the browser tells portals, in frames               (Front-Channel Logout 1.0)
//! deliver.rs  we tell portals' servers, durably, with token.rs   (Back-Channel Logout 1.0)
//! outbox.rs   what was told and what was not, for admins
//! ```
//! Sessions end in `directory::end`, which leaves word in the outbox in the same transaction; nothing here ends one otherwise.

pub(in crate::oidc) mod back_channel;
pub(in crate::oidc) mod bulkhead;
pub(in crate::oidc) mod delivery;
pub mod failure;
pub(in crate::oidc) mod front_channel;
pub(in crate::oidc) mod id_token_hint;
pub(in crate::oidc) mod logout_token;
pub(in crate::oidc) mod outbox;
pub(in crate::oidc) mod rp_initiated;

pub use delivery::{DeliveryFilter, DeliveryView, State};
