//! The device flow (RFC 8628): a screen without a keyboard shows a code, its person types that code on a phone and says yes there.
//!
//! ```text
//! device ─▶ issue.rs ─▶ pending ─▶ approve.rs (page, gate, yes or no) ─┬▶ approved ─▶ token/device.rs (gate again) ─▶ spent
//!                                                                      └▶ denied
//! ```
//! Everything lives in the ephemeral store (`codes.rs`). Each arrow is taken once: yes or no by whoever takes the user code out of the
//! store, tokens by whoever exchanges the approved record for its tombstone.

pub(in crate::oidc) mod approve;
mod codes;
pub mod failure;
mod issue;
mod user_code;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{authorization_code::Code, terms::Terms};
use crate::kernel::clock::Timestamp;

pub use approve::{Question, Step, Visitor};
pub use codes::DeviceCodes;
pub use failure::DeviceFailure;
pub use issue::Issued;
pub use user_code::UserCode;

/// How long a person has.
pub const LIFETIME: Duration = Duration::from_secs(10 * 60);
/// How long a device waits between polls, seconds; what `slow_down` adds too.
pub const INTERVAL: u64 = 5;

/// What a device asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Asked {
    /// Which portal; row id.
    pub client: Uuid,
    /// What would be granted.
    pub scope: String,
    /// And besides.
    pub terms: Terms,
    /// When.
    pub at: Timestamp,
    /// From which address, for the person to compare.
    pub from: Option<String>,
    /// The end of its life.
    pub expires: Timestamp,
}

/// What lies under a device code.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Found {
    /// Nobody has decided yet.
    Pending(Asked),
    /// Somebody said yes.
    Approved {
        /// What the tokens will say, as after an authorization request.
        code: Code,
        /// The end of its life.
        expires: Timestamp,
    },
    /// Somebody said no.
    Denied {
        /// Whose device code.
        client: Uuid,
        /// The end of its life.
        expires: Timestamp,
    },
    /// Its tokens were given out.
    Spent {
        /// Whose device code.
        client: Uuid,
        /// The family that was issued for it.
        grant: Uuid,
    },
}

impl Found {
    /// Whose device code it is.
    pub const fn client(&self) -> Uuid {
        match self {
            Self::Pending(asked) => asked.client,
            Self::Approved { code, .. } => code.client,
            Self::Denied { client, .. } | Self::Spent { client, .. } => *client,
        }
    }

    /// Whether its time is over. A spent one never expires: it is a tombstone.
    pub fn expired(&self, now: Timestamp) -> bool {
        match self {
            Self::Pending(Asked { expires, .. }) | Self::Approved { expires, .. } | Self::Denied { expires, .. } => {
                *expires <= now
            }
            Self::Spent { .. } => false,
        }
    }
}
