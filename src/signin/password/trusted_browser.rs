//! Trusted browsers (remembered devices): after password and, where required, code the browser keeps a sealed record for that user in a
//! cookie. Its login attempts have a counter of their own ([`lockout`](super::lockout)), so nobody can lock somebody out of their own
//! browser by mistyping their username.
//!
//! A record proves nothing else: password and code are asked as ever, and the reply is the same. It is void with the next password, and
//! when one-time codes are set up, replaced or removed: whoever could make records with less would have as many counters as records.
//! Who signs in otherwise leaves a record too, without a stamp: the browser is known for them (see [`new_browser`](crate::signin::new_browser)), and
//! trusted with nothing.
//!
//! Nothing is stored here: the record is sealed, and what it says is compared with the user as they are now. Somebody who copies it gets
//! that one counter besides the anonymous one, and no more by copying it again: a browser's record keeps its id.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::password_login::stamp;
use crate::{
    crypto::digest::sha256_base64url,
    kernel::{clock::Timestamp, failure::Result},
    signin::journey::Journeys,
};

/// How long a browser is trusted after a sign-in.
pub const LIFETIME: Duration = Duration::from_secs(180 * 86_400);
/// Records kept per browser, one per user; beyond that the user who signed in longest ago is dropped.
const MAX_RECORDS: usize = 5;
/// Longest cookie read, characters: generous for five records.
const MAX_COOKIE_LENGTH: usize = 2048;
/// Seal context of the cookie.
const SEAL_CONTEXT: &str = "signin.known-browser";

/// One record: this user signed in with this browser.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct TrustedBrowser {
    /// Id its attempts are counted by.
    id: String,
    user: Uuid,
    /// Digest of all factors that were proven: the password, and the TOTP secret if there was one; empty as long as they signed in here without a
    /// password, which trusts the browser with nothing.
    stamp: String,
    until: Timestamp,
}

impl Journeys {
    /// The unexpired records in the cookie; none where it does not open.
    fn trusted(&self, cookie: Option<&str>) -> Vec<TrustedBrowser> {
        let cookie = cookie.filter(|cookie| cookie.len() <= MAX_COOKIE_LENGTH);
        let plain = cookie.and_then(|cookie| self.deps.sealer.open(SEAL_CONTEXT, cookie).ok());
        let trusted: Option<Vec<TrustedBrowser>> = plain.and_then(|plain| serde_json::from_slice(plain.expose()).ok());
        let now = self.deps.clock.now();
        let mut trusted = trusted.unwrap_or_default();
        trusted.retain(|mark| mark.until > now);
        trusted
    }

    /// An id of this browser, if it is trusted for anybody. Nothing is looked up, so it says only that somebody proved themselves in it.
    pub(in crate::signin) fn trusted_browser_id(&self, cookie: Option<&str>) -> Option<String> {
        self.trusted(cookie).into_iter().next().map(|mark| mark.id)
    }

    /// The record id by which this browser's attempts at this username are counted, if it is trusted for it. The user is looked up only for
    /// a browser with records: to all others every username is alike.
    pub(super) async fn trusted_browser_for_name(
        &self,
        username_key: &str,
        cookie: Option<&str>,
    ) -> Result<Option<String>> {
        let trusted = self.trusted(cookie);
        if trusted.is_empty() {
            return Ok(None);
        }
        let Some(account) = self.store.account(username_key).await? else {
            return Ok(None);
        };
        let stamp = self.stamp_of_all(account.user, &stamp(&account)).await?;
        Ok(find(&trusted, account.user, &stamp))
    }

    /// Digest of all factors as they are now: the password, by its stamp, and the TOTP secret.
    async fn stamp_of_all(&self, user: Uuid, password: &str) -> Result<String> {
        let codes = self
            .store
            .totp(user)
            .await?
            .map(|(sealed, _)| sealed)
            .unwrap_or_default();
        Ok(sha256_base64url(format!("{password}\n{codes}").as_bytes()))
    }

    /// As [`Journeys::trusted_browser_for_name`], for a user whose password was proven.
    pub(super) async fn trusted_browser_for(
        &self,
        (user, password): (Uuid, &str),
        cookie: Option<&str>,
    ) -> Result<Option<String>> {
        let trusted = self.trusted(cookie);
        if trusted.is_empty() {
            return Ok(None);
        }
        Ok(find(&trusted, user, &self.stamp_of_all(user, password).await?))
    }

    /// Whether this user signed in with this browser before, and since their password was changed or their access reset: whoever was in until then may
    /// have been another.
    pub(in crate::signin) async fn is_known_browser(&self, user: Uuid, cookie: Option<&str>) -> Result<bool> {
        let trusted = self.trusted(cookie);
        let Some(mark) = trusted.iter().find(|mark| mark.user == user) else {
            return Ok(false);
        };
        let since = self.store.browsers_known_since(user).await?;
        Ok(since.is_none_or(|since| mark.until >= since.plus(LIFETIME)))
    }

    /// The new cookie value of a browser in which somebody has just signed in without a password. What it was trusted with before stays.
    pub(in crate::signin) fn know_browser(&self, user: Uuid, cookie: Option<&str>) -> Result<String> {
        let before = self.trusted(cookie).into_iter().find(|mark| mark.user == user);
        let (id, stamp) = before.map_or_else(
            || (self.deps.entropy.hex_id(), String::new()),
            |mark| (mark.id, mark.stamp),
        );
        self.sealed(cookie, (id, user, stamp))
    }

    /// The new cookie value of a browser that has just proven every factor.
    pub(super) async fn trust_browser(&self, (user, password): (Uuid, &str), cookie: Option<&str>) -> Result<String> {
        let stamp = self.stamp_of_all(user, password).await?;
        let known = find(&self.trusted(cookie), user, &stamp);
        let id = known.unwrap_or_else(|| self.deps.entropy.hex_id());
        self.sealed(cookie, (id, user, stamp))
    }

    /// The cookie with this record as its newest.
    fn sealed(&self, cookie: Option<&str>, (id, user, stamp): (String, Uuid, String)) -> Result<String> {
        let mut trusted = self.trusted(cookie);
        let mark = TrustedBrowser {
            id,
            user,
            stamp,
            until: self.deps.clock.now().plus(LIFETIME),
        };
        trusted.retain(|other| other.user != user);
        trusted.insert(0, mark);
        trusted.truncate(MAX_RECORDS);
        let plain = serde_json::to_vec(&trusted).unwrap_or_default();
        self.deps.sealer.seal(SEAL_CONTEXT, &plain)
    }
}

fn find(trusted: &[TrustedBrowser], user: Uuid, stamp: &str) -> Option<String> {
    let mark = trusted.iter().find(|mark| mark.user == user && mark.stamp == stamp);
    mark.map(|mark| mark.id.clone())
}
