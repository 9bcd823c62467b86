//! An authorization request under validation: what the checks have established so far. Pure.

use crate::oidc::authorize::request::Prompt;
use crate::oidc::{subject::Expected, terms::Terms};

/// What the checks collect.
#[derive(Debug, Default)]
pub struct Draft {
    /// Asked scope.
    pub scope: String,
    /// S256 challenge.
    pub challenge: Option<String>,
    /// Nonce.
    pub nonce: Option<String>,
    /// Prompts.
    pub prompt: Prompt,
    /// Seconds.
    pub max_age: Option<u64>,
    /// What is agreed besides the scope.
    pub terms: Terms,
    /// Whom the portal expects.
    pub expected: Vec<Expected>,
}
