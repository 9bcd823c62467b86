//! The one decision "may this member enter this portal now", with a reason.
//!
//! Facts are gathered once ([`Gate::admit`]), judged by a table of named checks ([`checks::CHECKS`]), and end in a [`Permit`] or a
//! [`Refusal`]. Tokens cannot be minted without a permit, and only this room can make one. The gate does not know HTTP, OpenID or
//! cookies; it is asked by sign-ins, by every portal entry and by every refresh.

pub mod admit;
pub mod checks;
pub mod facts;
pub mod failure;
pub mod permit;
pub mod store;
pub mod visit;

pub use admit::Gate;
pub use permit::{Permit, Refusal};
pub use visit::{Denied, Visit};
