//! The end of sessions as portals learn of it.
//!
//! ```text
//! rp.rs       a portal sends the browser to be signed out        (RP-Initiated Logout 1.0)
//! front.rs    the browser tells portals, in frames               (Front-Channel Logout 1.0)
//! deliver.rs  we tell portals' servers, durably, with token.rs   (Back-Channel Logout 1.0)
//! outbox.rs   what was told and what was not, for admins
//! ```
//! Sessions end in `directory::ending`, which leaves word in the outbox in the same transaction; nothing here ends one otherwise.

mod deliver;
pub mod failure;
mod front;
mod lanes;
mod outbox;
mod rp;
mod token;

pub use lanes::Lanes;
pub use outbox::{Delivery, DeliveryFilter, DeliveryView, Due, State, Tried};
pub use rp::{Farewell, HintClaims, SignOut};
