//! Visit (the gate's input) and denial. Pure.

use uuid::Uuid;

use super::{failure::GateFailure, permit::Refusal};

use crate::{kernel::failure::Failure, wecom::model::ScannedIdentity};

/// Who wants to enter which portal, and what proves who they are.
#[derive(Clone, Debug)]
pub enum Visit<'a> {
    /// A WeCom sign-in just now; a session may be opened.
    Scan {
        /// Row id of the auth source.
        auth_source: Uuid,
        /// Whom WeCom reports.
        identity: &'a ScannedIdentity,
        /// Row id of the portal they want to enter.
        portal: Uuid,
    },
    /// A password, or a passkey in its place, was proven just now; a session may be opened.
    Password {
        /// User id.
        user: Uuid,
        /// Row id of the portal they want to enter.
        portal: Uuid,
    },
    /// A browser with a session enters a portal (authorization, code redemption).
    Browser {
        /// Row id of the session.
        session: Uuid,
        /// Row id of the portal.
        portal: Uuid,
    },
    /// A portal refreshes its tokens without a browser: the session may have expired, but must not have been ended.
    Refresh {
        /// Row id of the session.
        session: Uuid,
        /// Row id of the portal.
        portal: Uuid,
    },
}

impl Visit<'_> {
    /// Its kind in metrics.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Scan { .. } => "scan",
            Self::Password { .. } => "password",
            Self::Browser { .. } => "browser",
            Self::Refresh { .. } => "refresh",
        }
    }
}

/// Why there is no permit.
#[derive(Debug)]
pub enum Denied {
    /// The gate refused; in the audit log.
    Refused(Refusal),
    /// The gate could not decide (database down …).
    Failed(Failure),
}

impl Denied {
    /// Whether the same may succeed later: nobody was refused, something did not answer, or there were too many.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Failed(failure) => failure.entry.status >= 500 || failure.entry.status == 429,
            Self::Refused(refusal) => {
                matches!(refusal.reason, GateFailure::NotConfirmed | GateFailure::GraceOver)
            }
        }
    }
}

impl From<Failure> for Denied {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}
