//! Pushes to the command callback of a suite (reference §7.7, §8, §9.1, §9.3, §9.6).

use serde::{Deserialize, Serialize};

use super::events::Event;

/// A push to a suite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Push {
    /// A new ticket, good for thirty minutes.
    SuiteTicket,
    /// An installation without a browser to redirect.
    CreateAuth {
        /// `AuthCode`.
        auth_code: String,
        /// `State` of the QR code; an empty one is left out.
        #[serde(default)]
        state: String,
    },
    /// Scope, permission or enabling changed.
    ChangeAuth {
        /// Corpid; it is told as the suite knows it.
        corp: String,
    },
    /// The app was deleted.
    CancelAuth {
        /// Corpid.
        corp: String,
    },
    /// The permanent code was reset (apps from a template).
    ResetPermanentCode {
        /// `AuthCode` to exchange again.
        auth_code: String,
    },
    /// `change_contact`, or `change_external_contact`, `…_chat`, `…_tag` of events about customers.
    Change {
        /// Corpid.
        corp: String,
        /// What changed; other events than those of contacts are empty.
        event: Event,
        /// `open_userid` of a member who is no longer there.
        #[serde(default)]
        open_userid: Option<String>,
    },
}

impl Push {
    /// `InfoType`.
    pub fn info_type(&self) -> &'static str {
        match self {
            Self::SuiteTicket => "suite_ticket",
            Self::CreateAuth { .. } => "create_auth",
            Self::ChangeAuth { .. } => "change_auth",
            Self::CancelAuth { .. } => "cancel_auth",
            Self::ResetPermanentCode { .. } => "reset_permanent_code",
            Self::Change {
                event: Event::ExternalContact(_),
                ..
            } => "change_external_contact",
            Self::Change {
                event: Event::ExternalChat(_),
                ..
            } => "change_external_chat",
            Self::Change {
                event: Event::ExternalTag(_),
                ..
            } => "change_external_tag",
            Self::Change { .. } => "change_contact",
        }
    }

    /// The corp that it is about.
    pub(super) fn corp(&self) -> Option<&str> {
        match self {
            Self::ChangeAuth { corp } | Self::CancelAuth { corp } | Self::Change { corp, .. } => Some(corp),
            Self::SuiteTicket | Self::CreateAuth { .. } | Self::ResetPermanentCode { .. } => None,
        }
    }
}
