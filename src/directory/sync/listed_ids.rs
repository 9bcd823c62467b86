//! The ids of a corp, and what they tell of somebody. Pure.

use std::collections::HashSet;

use super::{snapshot::key, unread_userids::UnreadUserids};
use crate::wecom::model::{MemberId, Rows};

/// What the ids tell of a userid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// Somebody has it.
    Listed,
    /// Nobody has it.
    Absent,
    /// A row that could not be read may be theirs.
    Unread,
}

/// The ids of a corp.
#[derive(Debug)]
pub struct ListedIds {
    keys: HashSet<String>,
    unread: UnreadUserids,
}

impl ListedIds {
    /// Of a whole reading.
    pub fn of(ids: &Rows<MemberId>) -> Self {
        Self {
            keys: ids.rows.iter().map(|id| key(&id.userid)).collect(),
            unread: UnreadUserids::of(ids.malformed.iter().map(|row| row.userid.as_deref())),
        }
    }

    /// What they tell of the userid with this key.
    pub fn find(&self, key: &str) -> Listing {
        if self.keys.contains(key) {
            Listing::Listed
        } else if self.unread.any_nameless() || self.unread.may_be(key) {
            Listing::Unread
        } else {
            Listing::Absent
        }
    }
}
