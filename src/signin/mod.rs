//! Sign-in: journeys (the login flow as one state machine), auth sources (WeCom QR code, in-app), passwords, one-time codes, passkeys,
//! sessions.
//!
//! A journey returns to an opaque local address: this room does not know OpenID. It asks the gate before it opens a session.

pub mod acr;
pub mod admission;
pub mod answer;
pub mod browser_switch;
pub mod failure;
pub mod http;
pub mod journey;
pub mod next_steps;
pub mod notices;
pub mod passkey;
pub mod password;
mod places;
pub mod refused_identity;
pub mod session_model;
pub mod sessions;
pub mod standing;
pub mod store;
pub mod trial;
pub mod ways_on;
mod web_address;
pub mod wecom_callback;
pub mod wecom_redirect;
mod wrong_proof;

pub use journey::{Journeys, LoginRequest};
pub use password::password_hashing::Passwords;
pub use session_model::Session;
pub use sessions::Sessions;
pub use standing::{Standing, Visitor};
