//! Idempotency keys: requests, claims, kept replies. Pure.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    admin::failure::AdminFailure,
    crypto::digest::sha256_base64url,
    kernel::failure::{Failure, Result},
};

/// How long an answer is given again.
pub(in crate::admin) const LIFETIME: Duration = Duration::from_secs(24 * 3600);
/// How long somebody who carries a request out is believed to be alive without a sign. After that the same request may run again.
pub(in crate::admin) const LEASE: Duration = Duration::from_secs(60);
/// How often whoever carries a request out gives that sign.
pub(in crate::admin) const RENEWAL: Duration = Duration::from_secs(15);
/// Largest answer that is kept, bytes.
pub(in crate::admin) const LARGEST_REPLY: usize = 1024 * 1024;
/// Longest key, characters.
const LONGEST_KEY: usize = 255;

/// A key as a caller chose it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::admin) struct Key(String);

impl Key {
    /// Reads the header's value: the draft makes it a quoted string (RFC 8941, section 3.3.3), and what is sent without quotes is taken as it
    /// stands.
    ///
    /// # Errors
    /// `AD-110`.
    pub(in crate::admin) fn parse(value: &[u8]) -> Result<Self> {
        let invalid = || Failure::from(AdminFailure::IdempotencyKeyInvalid);
        let text = std::str::from_utf8(value).map_err(|_| invalid())?.trim_matches(' ');
        let key = match text.strip_prefix('"') {
            Some(quoted) => unquoted(quoted).ok_or_else(invalid)?,
            None => text.to_owned(),
        };
        let fits = (1..=LONGEST_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
        if fits { Ok(Self(key)) } else { Err(invalid()) }
    }

    /// Its characters.
    pub(in crate::admin) fn as_str(&self) -> &str {
        &self.0
    }
}

/// What stands behind an opening quote, up to the closing one, which must be the end.
fn unquoted(quoted: &str) -> Option<String> {
    let mut text = String::new();
    let mut characters = quoted.chars();
    loop {
        match characters.next()? {
            '"' => return characters.next().is_none().then_some(text),
            '\\' => match characters.next()? {
                escaped @ ('"' | '\\') => text.push(escaped),
                _ => return None,
            },
            other => text.push(other),
        }
    }
}

/// A request with a key.
#[derive(Debug)]
pub(in crate::admin) struct KeyedRequest {
    /// Row id of the caller's API token.
    pub(in crate::admin) token: Uuid,
    /// See [`Key`].
    pub(in crate::admin) key: Key,
    /// What makes it the same request; see [`fingerprint`].
    pub(in crate::admin) fingerprint: String,
}

/// Digest of all that makes a request the same: method, path with query string, body.
pub(in crate::admin) fn fingerprint(method: &str, target: &str, body: &[u8]) -> String {
    let mut text = format!("{method} {target}\n").into_bytes();
    text.extend_from_slice(body);
    sha256_base64url(&text)
}

/// A request that may be carried out now, by whoever holds this.
#[derive(Clone, Copy, Debug)]
pub(in crate::admin) struct Claim {
    /// The row.
    pub(in crate::admin) row: Uuid,
    /// Who holds it.
    pub(in crate::admin) holder: Uuid,
}

impl Claim {
    /// What its sealed reply is bound to: the column and the row.
    pub(in crate::admin) fn context(row: Uuid) -> String {
        format!("idempotency_key.reply:{row}")
    }
}

/// What is to be done with a request.
#[derive(Debug)]
pub(in crate::admin) enum Verdict {
    /// Carry it out.
    CarryOut(Claim),
    /// Answer it like this: it was carried out before.
    Repeat(KeptReply),
}

/// An answer that is kept.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::admin) struct KeptReply {
    /// HTTP status.
    pub(in crate::admin) status: u16,
    /// The headers that belong to it.
    pub(in crate::admin) headers: Vec<(String, String)>,
    /// Its body.
    pub(in crate::admin) body: String,
}

/// Whether an answer is given again: those that were decided by the request. What hangs on the token, on a limit or on a server that failed may
/// come out otherwise the next time, and nothing was done then.
pub(in crate::admin) const fn is_kept(status: u16) -> bool {
    matches!(status, 200..=299 | 400 | 402 | 404..=407 | 409..=412 | 414..=428 | 430..=499)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys() {
        for (sent, key) in [
            (
                "8e03978e-40d5-43dd-bc93-6894a57f9324",
                "8e03978e-40d5-43dd-bc93-6894a57f9324",
            ),
            ("\"8e03\"", "8e03"),
            (r#""a\"b\\c""#, r#"a"b\c"#),
            (" a ", "a"),
        ] {
            assert_eq!(Key::parse(sent.as_bytes()).unwrap().as_str(), key, "{sent}");
        }
        let long = "x".repeat(256);
        for wrong in [
            "", "\"\"", "a b", "\"a b\"", "\"a", "\"a\"b", "\"\\x\"", "密", "a\tb", &long,
        ] {
            assert!(Key::parse(wrong.as_bytes()).is_err(), "{wrong}");
        }
        assert!(Key::parse(&[0xff]).is_err());
        assert!(Key::parse("x".repeat(255).as_bytes()).is_ok());
    }

    #[test]
    fn a_request_is_another_by_each_of_its_parts() {
        let first = fingerprint("POST", "/a?x=1", b"{}");
        for (method, target, body) in [
            ("PATCH", "/a?x=1", "{}"),
            ("POST", "/a?x=2", "{}"),
            ("POST", "/a?x=1", "{ }"),
        ] {
            assert_ne!(fingerprint(method, target, body.as_bytes()), first);
        }
    }

    #[test]
    fn what_may_come_out_otherwise_is_not_kept() {
        for status in [200, 201, 202, 204, 400, 404, 409, 412, 415, 422] {
            assert!(is_kept(status), "{status}");
        }
        for status in [101, 302, 401, 403, 408, 413, 429, 500, 502, 503] {
            assert!(!is_kept(status), "{status}");
        }
    }
}
