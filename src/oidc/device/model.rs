//! A device authorization request and its state. Pure.

use crate::kernel::clock::Timestamp;
use crate::oidc::{authorization_code::Code, terms::GrantTerms};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use uuid::Uuid;

/// How long a person has to answer.
pub const LIFETIME: Duration = Duration::from_secs(10 * 60);

/// How long a device waits between polls, seconds; what `slow_down` adds too.
pub const INTERVAL: u64 = 5;

/// What a device asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeviceRequest {
    /// Which portal; row id.
    pub client: Uuid,
    /// What would be granted.
    pub scope: String,
    /// Terms of the grant besides its scope.
    pub terms: GrantTerms,
    /// When the device asked.
    pub at: Timestamp,
    /// From which address, for the person to compare.
    pub from: Option<String>,
    /// The end of its life.
    pub expires: Timestamp,
}

/// The state of a device code, as stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum DeviceCodeState {
    /// Nobody has decided yet.
    Pending(DeviceRequest),
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
    /// Its tokens were issued.
    Spent {
        /// Whose device code.
        client: Uuid,
        /// The family that was issued for it.
        grant: Uuid,
    },
}

impl DeviceCodeState {
    /// Whose device code it is.
    pub const fn client(&self) -> Uuid {
        match self {
            Self::Pending(asked) => asked.client,
            Self::Approved { code, .. } => code.client,
            Self::Denied { client, .. } | Self::Spent { client, .. } => *client,
        }
    }

    /// The end of its life. A spent one has none: it is a tombstone.
    pub const fn expires(&self) -> Option<Timestamp> {
        match self {
            Self::Pending(DeviceRequest { expires, .. })
            | Self::Approved { expires, .. }
            | Self::Denied { expires, .. } => Some(*expires),
            Self::Spent { .. } => None,
        }
    }

    /// Whether it has expired.
    pub fn expired(&self, now: Timestamp) -> bool {
        self.expires().is_some_and(|expires| expires <= now)
    }
}
