//! Who may see names by the display component: browsers that signed in by WeCom and were sent to a host (reference §9.10).

use rand::rngs::StdRng;

use super::expiring::{Expiring, Found};

/// A member who signed in, and where they were sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Viewer {
    pub corp: String,
    pub userid: String,
    /// Host[:port] of the redirect.
    pub host: String,
}

/// Viewers by the session of their browser.
#[derive(Default)]
pub(crate) struct Viewers {
    sessions: Expiring<Viewer>,
}

impl Viewers {
    /// Starts a session and gives the value of its cookie.
    pub(crate) fn start(&mut self, viewer: Viewer, until: u64, rng: &mut StdRng) -> String {
        self.sessions.keep(viewer, until, 40, rng)
    }

    /// The viewer; the error is 43016 (not signed in) or 90307 (no more).
    pub(crate) fn find(&self, session: &str, now: u64) -> Result<Viewer, i32> {
        match self.sessions.look(session, now) {
            Found::Good(viewer) => Ok(viewer),
            Found::Expired => Err(90307),
            Found::Unknown => Err(43016),
        }
    }
}
