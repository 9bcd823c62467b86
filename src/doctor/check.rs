//! A check: its name, what it rests on, how long it may take, and the look itself.

use std::time::Duration;

use futures_util::future::BoxFuture;

use super::{
    report::Looked,
    surroundings::{Server, Surroundings},
};
use crate::kernel::failure::Result;

/// How long a look may take in all.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// Looks at something of every installation.
pub type Look = for<'a> fn(&'a Surroundings) -> BoxFuture<'a, Result<Looked>>;

/// Looks at something that only a running server has.
pub type LookAtServer = for<'a> fn(&'a Surroundings, &'a Server) -> BoxFuture<'a, Result<Looked>>;

/// The look of a check.
#[derive(Clone, Copy)]
pub enum Of {
    /// Also beside a dead server.
    Installation(Look),
    /// Only by the running server.
    Server(LookAtServer),
}

/// A check.
pub struct Check {
    /// A word; the value of `?check=`.
    pub name: &'static str,
    /// What it looks at, in a few words.
    pub about: &'static str,
    /// Names of checks that must find nothing first: one fault has one name.
    pub rests_on: &'static [&'static str],
    /// The look. It changes nothing that anybody could notice.
    pub look: Of,
}

impl Check {
    /// Name and what it is about.
    pub const fn title(&self) -> (&'static str, &'static str) {
        (self.name, self.about)
    }
}
