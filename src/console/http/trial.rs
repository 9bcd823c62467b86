//! A trial of a sign-in, as the API tells it, for the pages that watch one.

use serde::{Deserialize, de::IgnoredAny};

use super::checks::{Check, Reason};

/// A trial, with the claims as the page reads them.
#[derive(Deserialize)]
pub(super) struct Trial<Claims = IgnoredAny> {
    pub id: String,
    pub client_id: String,
    pub state: String,
    pub expires_at: i64,
    pub reference: Option<String>,
    pub who: Option<String>,
    pub user: Option<User>,
    pub checks: Vec<Check>,
    /// Why nobody would be signed in, or what failed last in one that goes on.
    pub failure: Option<Reason>,
    /// What the portal would be told.
    pub claims: Option<Claims>,
}

/// Whoever went through it.
#[derive(Deserialize)]
pub(super) struct User {
    pub id: String,
}

/// A trial that was just made.
#[derive(Deserialize)]
pub(super) struct Made {
    pub id: String,
    /// Where it is gone through, shown this once.
    pub url: String,
}

impl<Claims> Trial<Claims> {
    /// The class of its state, which shows as a sign.
    pub fn sign(&self) -> &'static str {
        match self.state.as_str() {
            "permitted" => "yes",
            "refused" | "expired" => "no",
            _ => "waiting",
        }
    }

    /// Whether nothing more will come of it.
    pub fn is_over(&self) -> bool {
        matches!(self.state.as_str(), "permitted" | "refused" | "expired")
    }
}
