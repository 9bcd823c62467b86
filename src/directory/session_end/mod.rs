//! Session end: ends sessions and fills the outbox of back-channel logouts, whoever ends them (sign-out, an admin, a departure, another
//! person in the same browser).
//!
//! In the transaction that ends a session, each portal with a grant in it and a back-channel logout URI (OpenID Connect Back-Channel Logout
//! 1.0) gets a row of the outbox `logout_delivery`. This room stands below the protocol and only writes the rows; minting and sending is
//! `oidc::logout`.

pub mod store;

use std::time::Duration;

use crate::kernel::{clock::Timestamp, entropy::Entropy};

/// When and why sessions end.
#[derive(Clone, Copy)]
pub struct SessionEnd<'a> {
    /// Makes the ids of the outbox rows.
    pub entropy: &'a Entropy,
    /// When they end.
    pub now: Timestamp,
    /// Why: `logout`, `departed`, `admin`, …
    pub reason: &'a str,
}

/// How long a delivery is retried to a portal that does not answer.
pub const LOGOUT_RETRY_PERIOD: Duration = Duration::from_secs(24 * 60 * 60);
