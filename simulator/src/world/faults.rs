//! Fault rules: which calls go wrong, how, how often (reference §13, point 8).

use serde::{Deserialize, Serialize};

/// A rule for calls whose path starts with `path`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Prefix of the path, e.g. `/cgi-bin/user/`.
    pub path: String,
    /// What goes wrong.
    pub kind: FaultKind,
    /// Only calls that ask about this: the `userid`, `department_id`, `tagid` … of their query.
    #[serde(default)]
    pub about: Option<String>,
    /// Only calls with this kind of secret.
    #[serde(default)]
    pub secret: Option<FaultSecret>,
    /// How many calls it still affects; `None` = without end.
    #[serde(default)]
    pub count: Option<u32>,
    /// Affects each n-th matching call; 1 = each.
    #[serde(default = "one")]
    pub every: u32,
    /// Matching calls seen so far.
    #[serde(default)]
    pub seen: u32,
}

fn one() -> u32 {
    1
}

/// Whose calls a fault affects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultSecret {
    /// Those of an app.
    App,
    /// Those of the contacts-sync helper.
    Contacts,
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// An error code, e.g. -1, 45009, 45033.
    Errcode(i32),
    /// The right answer, this many milliseconds late.
    Slow(u64),
    /// The connection breaks in the middle of the answer. The call itself was carried out.
    Reset,
    /// Half of the JSON. The call itself was carried out.
    Truncated,
    /// The right answer, so many bytes at a time.
    Pieces(usize),
    /// The right answer, but for this code, which stands behind everything else.
    ErrcodeLast(i32),
    /// HTML with HTTP 502, before anything was done.
    BadGateway,
    /// The right answer with `Warning: wrong json format.` in `errmsg` (§1.1).
    WrongJsonWarning,
    /// HTTP 404, before anything was done: this installation lacks the path.
    NotFound,
    /// The right answer with other bytes in the place of each `find`, broken ones too; an empty `find` stands for its beginning.
    Splice {
        /// A text in the answer's JSON.
        find: String,
        /// What is sent instead.
        bytes: Vec<u8>,
    },
}

impl Fault {
    /// A fault of every call below `path`, without end.
    pub fn new(path: &str, kind: FaultKind) -> Self {
        Self {
            path: path.to_owned(),
            kind,
            about: None,
            secret: None,
            count: None,
            every: 1,
            seen: 0,
        }
    }

    /// Limits the fault to so many calls.
    pub fn times(self, count: u32) -> Self {
        Self {
            count: Some(count),
            ..self
        }
    }

    /// Limits the fault to each n-th call.
    pub fn every(self, every: u32) -> Self {
        Self { every, ..self }
    }

    /// Limits the fault to calls that ask about this.
    pub fn about(self, what: impl ToString) -> Self {
        Self {
            about: Some(what.to_string()),
            ..self
        }
    }

    /// Limits the fault to calls with this kind of secret.
    pub fn with(self, secret: FaultSecret) -> Self {
        Self {
            secret: Some(secret),
            ..self
        }
    }

    /// Counts a call; true when the fault applies to it. `asks_about` tells what the call asks about, `secret` whose it is.
    pub(crate) fn strikes(
        &mut self,
        path: &str,
        asks_about: impl Fn(&str) -> bool,
        secret: Option<FaultSecret>,
    ) -> bool {
        let other = self.about.as_deref().is_some_and(|what| !asks_about(what))
            || self.secret.is_some_and(|only| secret != Some(only));
        if other || !path.starts_with(&self.path) || self.count == Some(0) {
            return false;
        }
        self.seen = self.seen.wrapping_add(1);
        if self.every > 1 && !self.seen.is_multiple_of(self.every) {
            return false;
        }
        self.count = self.count.map(|left| left - 1);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, FaultKind, FaultSecret};

    #[test]
    fn strikes_each_third_call_twice() {
        let mut fault = Fault::new("/cgi-bin/user/", FaultKind::Errcode(-1)).every(3).times(2);
        assert!(!fault.strikes("/cgi-bin/gettoken", |_| false, None));
        let struck: Vec<bool> = (0..12)
            .map(|_| fault.strikes("/cgi-bin/user/get", |_| false, None))
            .collect();
        assert_eq!(struck.iter().filter(|hit| **hit).count(), 2);
        assert!(struck[2] && struck[5]);
    }
    #[test]
    fn strikes_only_calls_about_one_thing_with_one_kind_of_secret() {
        let mut fault = Fault::new("/cgi-bin/user/list", FaultKind::Errcode(60003))
            .about(7)
            .with(FaultSecret::App);
        let mut strikes = |about, secret| fault.strikes("/cgi-bin/user/list", |what| what == about, secret);
        assert!(strikes("7", Some(FaultSecret::App)));
        assert!(!strikes("2", Some(FaultSecret::App)));
        assert!(!strikes("7", Some(FaultSecret::Contacts)) && !strikes("7", None));
    }
}
