//! Browsers that proved themselves before: after password and, where it is owed, code the browser keeps a sealed mark for that user. Tries with
//! the mark are counted by themselves ([`limits`](super::limits)), so nobody can shut somebody out of their own browser by mistyping their name.
//!
//! A mark proves nothing else: password and code are asked as ever, and the reply is the same. It is void with the next password. Nothing is
//! stored here: the mark is sealed, and what it says is compared with the user as they are now. Somebody who copies it gets a counter of their
//! own besides the strangers', and no more by copying it again: a browser's mark stays the same.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::enter::stamp;
use crate::{
    kernel::{clock::Timestamp, failure::Result},
    signin::journey::Journeys,
};

/// How long a browser is known after a sign-in.
pub const LIFETIME: Duration = Duration::from_secs(180 * 86_400);
/// People of one browser that are kept; then the one who was away longest is a stranger again.
const MOST: usize = 5;
/// What five marks come to at most, generously.
const LONGEST: usize = 2048;
/// The place marks are sealed for.
const PLACE: &str = "signin.known-browser";

/// That this browser proved itself for a user.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Mark {
    /// What its tries are counted by.
    id: String,
    user: Uuid,
    /// Of the password that was proven.
    stamp: String,
    until: Timestamp,
}

impl Journeys {
    /// The marks a browser sent; what does not open is none.
    fn marks(&self, cookie: Option<&str>) -> Vec<Mark> {
        let cookie = cookie.filter(|cookie| cookie.len() <= LONGEST);
        let plain = cookie.and_then(|cookie| self.parts.sealer.open(PLACE, cookie).ok());
        let marks: Option<Vec<Mark>> = plain.and_then(|plain| serde_json::from_slice(plain.expose()).ok());
        let now = self.parts.clock.now();
        let mut marks = marks.unwrap_or_default();
        marks.retain(|mark| mark.until > now);
        marks
    }

    /// By what tries of this browser at this name are counted, if it is known for it. The user is looked up only for a browser with a mark: to
    /// all others every name is alike.
    pub(super) async fn mark_for_name(&self, username_key: &str, cookie: Option<&str>) -> Result<Option<String>> {
        let marks = self.marks(cookie);
        if marks.is_empty() {
            return Ok(None);
        }
        let Some(account) = self.store.account(username_key).await? else {
            return Ok(None);
        };
        Ok(find(&marks, account.user, &stamp(&account)))
    }

    /// The same, for a user whose password was proven.
    pub(super) fn mark_for(&self, (user, stamp): (Uuid, &str), cookie: Option<&str>) -> Option<String> {
        find(&self.marks(cookie), user, stamp)
    }

    /// The cookie of a browser that has just proven everything.
    pub(super) fn marked(&self, (user, stamp): (Uuid, &str), cookie: Option<&str>) -> Result<String> {
        let mut marks = self.marks(cookie);
        let mark = Mark {
            id: find(&marks, user, stamp).unwrap_or_else(|| self.parts.entropy.alphanumeric()),
            user,
            stamp: stamp.to_owned(),
            until: self.parts.clock.now().plus(LIFETIME),
        };
        marks.retain(|other| other.user != user);
        marks.insert(0, mark);
        marks.truncate(MOST);
        let plain = serde_json::to_vec(&marks).unwrap_or_default();
        self.parts.sealer.seal(PLACE, &plain)
    }
}

fn find(marks: &[Mark], user: Uuid, stamp: &str) -> Option<String> {
    let mark = marks.iter().find(|mark| mark.user == user && mark.stamp == stamp);
    mark.map(|mark| mark.id.clone())
}
