//! Sign-in: journeys (the login flow as one state machine), auth sources (WeCom QR code, in-app), passwords, one-time codes, passkeys,
//! sessions.
//!
//! A journey returns to an opaque local address: this room does not know OpenID. It asks the gate before it opens a session.

pub mod acr;
pub mod admission;
pub mod answer;
pub mod browser_switch;
pub mod email_verification;
pub mod failure;
pub mod http;
pub mod journey;
mod new_browser;
pub mod next_steps;
pub mod notices;
mod operator_place;
mod operator_watch;
pub mod passkey;
pub mod password;
mod places;
mod portal_logo;
pub mod private_fields;
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
pub use operator_watch::OperatorWatch;
pub use password::password_hashing::Passwords;
pub use session_model::Session;
pub use sessions::Sessions;
pub use standing::{Standing, Visitor};
