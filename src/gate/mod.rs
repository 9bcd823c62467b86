//! The gate (policy decision point): decides "may this member enter this portal now", with a reason.
//!
//! Facts are gathered once ([`Gate::admit`]) and judged by a table of named checks ([`checks::CHECKS`]); the result is a [`Permit`] or a
//! [`Refusal`]. Tokens cannot be minted without a permit, and only this room can make one. The gate does not know HTTP, OpenID or cookies;
//! it is asked at sign-ins, at every portal entry and at every refresh.

pub mod admit;
pub mod checks;
pub mod console;
pub mod explain;
pub mod facts;
pub mod failure;
mod identity;
pub mod live_looks;
mod membership;
mod other_ids;
pub mod permit;
mod seen;
pub mod store;
mod telling;
pub mod visit;

pub use admit::Gate;
pub use console::CONSOLE;
pub use live_looks::LiveLooks;
pub use permit::{Permit, Refusal};
pub use seen::SeenCheck;
pub use store::session_people::SessionPeople;
pub use visit::{Denied, Visit};

#[cfg(test)]
mod tests;
