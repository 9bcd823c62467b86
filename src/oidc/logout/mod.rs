//! The end of sessions as portals learn of it.
//!
//! ```text
//! hint.rs     an ID token of ours that a portal shows again
//! rp.rs       a portal sends the browser to be signed out        (RP-Initiated Logout 1.0)
//! front.rs    the browser tells portals, in frames               (Front-Channel Logout 1.0)
//! deliver.rs  we tell portals' servers, durably, with token.rs   (Back-Channel Logout 1.0)
//! outbox.rs   what was told and what was not, for admins
//! ```
//! Sessions end in `directory::ending`, which leaves word in the outbox in the same transaction; nothing here ends one otherwise.

mod deliver;
pub mod failure;
mod front;
mod hint;
mod lanes;
mod outbox;
mod rp;
mod token;

pub use hint::{Hint, HintClaims};
pub use lanes::Lanes;
pub use outbox::{Delivery, DeliveryFilter, DeliveryView, Due, State, Tried};
pub use rp::{Farewell, SignOut, posted_unseen};
