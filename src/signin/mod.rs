//! From "who is this?" to a session: journeys (one state machine), auth sources (QR, in-app), passwords and one-time codes, sessions.
//!
//! A journey returns to an opaque place: this room does not know OpenID. It asks the gate before it opens a session.

pub mod acr;
pub mod answer;
pub mod browser_switch;
pub mod failure;
pub mod http;
pub mod journey;
pub mod password;
pub mod session;
pub mod sessions;
pub mod store;
pub mod wecom_callback;
pub mod wecom_redirect;

pub use journey::{Journeys, LoginRequest};
pub use password::passwords::Passwords;
pub use session::Session;
pub use sessions::Sessions;
