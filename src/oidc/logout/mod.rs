//! OpenID Connect logout: RP-initiated, front-channel and back-channel.
//!
//! ```text
//! rp_initiated.rs      a portal sends the browser to the logout endpoint     (RP-Initiated Logout 1.0)
//! server_initiated.rs  a portal's server asks without a browser
//! id_token_hint.rs     verifies the ID token it sends along
//! front_channel.rs     the browser notifies portals, in frames               (Front-Channel Logout 1.0)
//! back_channel.rs      delivers logout tokens from the outbox, with retries  (Back-Channel Logout 1.0)
//! logout_token.rs      the token that is delivered
//! bulkhead.rs          keeps a portal that hangs from delaying the others
//! model.rs             rows of the outbox as values
//! delivery_admin.rs    lists and retries deliveries, for admins
//! ```
//! Sessions end in `directory::session_end`, which fills the outbox in the same transaction; nothing here ends one otherwise.

pub(in crate::oidc) mod back_channel;
pub(in crate::oidc) mod bulkhead;
pub(in crate::oidc) mod delivery_admin;
pub mod failure;
pub(in crate::oidc) mod front_channel;
pub(in crate::oidc) mod id_token_hint;
pub(in crate::oidc) mod logout_token;
pub(in crate::oidc) mod model;
pub(in crate::oidc) mod rp_initiated;
pub(in crate::oidc) mod server_initiated;

pub use model::{DeliveryFilter, DeliveryView, State};
