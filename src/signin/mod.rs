//! From "who is this?" to a session: journeys (one state machine), doors (QR, in-app), passwords and one-time codes, sessions.
//!
//! A journey returns to an opaque place: this room does not know OpenID. It asks the gate before it opens a session.

pub mod acr;
pub mod arrive;
pub mod confirm;
pub mod depart;
pub mod failure;
pub mod http;
pub mod journey;
pub mod password;
pub mod sessions;
pub mod store;

pub use journey::{Journeys, Wanted};
pub use password::Passwords;
pub use sessions::Sessions;
