//! Browsers that proved themselves before: after password and, where it is owed, code the browser keeps a sealed mark for that user. Tries with
//! the mark are counted by themselves ([`limits`](super::limits)), so nobody can shut somebody out of their own browser by mistyping their name.
//!
//! A mark proves nothing else: password and code are asked as ever, and the reply is the same. It is void with the next password, and when
//! one-time codes are set up, replaced or removed: who could make marks with less would have as many counters as marks. Nothing is stored here: the mark is sealed, and what it says is compared with the user as they are now. Somebody who copies it gets a counter of their
//! own besides the strangers', and no more by copying it again: a browser's mark stays the same.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::password_login::stamp;
use crate::{
    crypto::digest::sha256_base64url,
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
struct TrustedBrowser {
    /// What its tries are counted by.
    id: String,
    user: Uuid,
    /// Of all that was to be proven: the password, and the codes if there were any.
    stamp: String,
    until: Timestamp,
}

impl Journeys {
    /// The marks a browser sent; what does not open is none.
    fn marks(&self, cookie: Option<&str>) -> Vec<TrustedBrowser> {
        let cookie = cookie.filter(|cookie| cookie.len() <= LONGEST);
        let plain = cookie.and_then(|cookie| self.deps.sealer.open(PLACE, cookie).ok());
        let marks: Option<Vec<TrustedBrowser>> = plain.and_then(|plain| serde_json::from_slice(plain.expose()).ok());
        let now = self.deps.clock.now();
        let mut marks = marks.unwrap_or_default();
        marks.retain(|mark| mark.until > now);
        marks
    }

    /// By what tries of this browser at this name are counted, if it is known for it. The user is looked up only for a browser with a mark: to
    /// all others every name is alike.
    pub(super) async fn trusted_browser_for_name(
        &self,
        username_key: &str,
        cookie: Option<&str>,
    ) -> Result<Option<String>> {
        let marks = self.marks(cookie);
        if marks.is_empty() {
            return Ok(None);
        }
        let Some(account) = self.store.account(username_key).await? else {
            return Ok(None);
        };
        let stamp = self.stamp_of_all(account.user, &stamp(&account)).await?;
        Ok(find(&marks, account.user, &stamp))
    }

    /// Of the password, by its stamp, and the codes as they are now.
    async fn stamp_of_all(&self, user: Uuid, password: &str) -> Result<String> {
        let codes = self.store.totp(user).await?.unwrap_or_default();
        Ok(sha256_base64url(format!("{password}\n{codes}").as_bytes()))
    }

    /// The same, for a user whose password was proven.
    pub(super) async fn trusted_browser_for(
        &self,
        (user, password): (Uuid, &str),
        cookie: Option<&str>,
    ) -> Result<Option<String>> {
        let marks = self.marks(cookie);
        if marks.is_empty() {
            return Ok(None);
        }
        Ok(find(&marks, user, &self.stamp_of_all(user, password).await?))
    }

    /// The cookie of a browser that has just proven everything.
    pub(super) async fn trust_browser(&self, (user, password): (Uuid, &str), cookie: Option<&str>) -> Result<String> {
        let stamp = self.stamp_of_all(user, password).await?;
        let mut marks = self.marks(cookie);
        let mark = TrustedBrowser {
            id: find(&marks, user, &stamp).unwrap_or_else(|| self.deps.entropy.alphanumeric()),
            user,
            stamp,
            until: self.deps.clock.now().plus(LIFETIME),
        };
        marks.retain(|other| other.user != user);
        marks.insert(0, mark);
        marks.truncate(MOST);
        let plain = serde_json::to_vec(&marks).unwrap_or_default();
        self.deps.sealer.seal(PLACE, &plain)
    }
}

fn find(marks: &[TrustedBrowser], user: Uuid, stamp: &str) -> Option<String> {
    let mark = marks.iter().find(|mark| mark.user == user && mark.stamp == stamp);
    mark.map(|mark| mark.id.clone())
}
