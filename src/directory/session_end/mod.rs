//! How sessions end: the one way all of them do, whoever ends them (sign-out, an admin, a departure, another person in the same browser).
//!
//! With a session's end, and in the same transaction, word is left for every portal entered in it that wants to be told (OpenID Connect
//! Back-Channel Logout 1.0): a row of the outbox `logout_delivery`. This room stands below the protocol and only writes the rows; minting
//! and sending is `oidc::logout`.

pub mod store;

use std::time::Duration;

use crate::kernel::{clock::Timestamp, entropy::Entropy};

/// When and why sessions end.
#[derive(Clone, Copy)]
pub struct SessionEnd<'a> {
    /// Ids of the rows.
    pub entropy: &'a Entropy,
    /// The moment.
    pub now: Timestamp,
    /// `logout`, `departed`, `admin`, …
    pub reason: &'a str,
}

/// How long a portal that does not answer is told again.
pub const LOGOUT_RETRY_PERIOD: Duration = Duration::from_secs(24 * 60 * 60);
