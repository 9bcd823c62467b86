//! Who asks to enter, and how the gate may decline. Pure.

use uuid::Uuid;

use super::permit::Refusal;

use crate::{kernel::failure::Failure, wecom::model::Scanned};

/// Who comes, and on what grounds.
#[derive(Clone, Debug)]
pub enum Visit<'a> {
    /// Somebody scanned just now; a session may be opened for them.
    Scan {
        /// Row id of the auth source.
        auth_source: Uuid,
        /// Who WeCom says scanned.
        scanned: &'a Scanned,
        /// Row id of the portal they want to enter.
        portal: Uuid,
    },
    /// Somebody proved just now that they know their password; a session may be opened for them.
    Password {
        /// Who.
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
    /// A portal renews its tokens without a browser: the session may have run out, but must not have been ended.
    Refresh {
        /// Row id of the session.
        session: Uuid,
        /// Row id of the portal.
        portal: Uuid,
    },
}

/// Why there is no permit.
#[derive(Debug)]
pub enum Denied {
    /// The gate said no; on record.
    Refused(Refusal),
    /// The gate could not decide (database down …).
    Failed(Failure),
}

impl From<Failure> for Denied {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}
