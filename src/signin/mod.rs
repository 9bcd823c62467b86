//! From "who is this?" to a session: journeys (one state machine), doors (QR, in-app), sessions.
//!
//! A journey returns to an opaque place: this room does not know OpenID. It asks the gate before it opens a session.

pub mod arrive;
pub mod confirm;
pub mod depart;
pub mod failure;
pub mod http;
pub mod journey;
pub mod sessions;
pub mod store;

pub use journey::{Journeys, Wanted};
pub use sessions::Sessions;
