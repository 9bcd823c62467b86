//! An authorization request under validation: what the checks have established so far. Pure.

use crate::oidc::{authorize::request::Prompt, subject_derivation::Expected, terms::GrantTerms};

/// The values the checks collect.
#[derive(Debug, Default)]
pub struct Draft {
    /// The request came through PAR.
    pub pushed: bool,
    /// Requested scope.
    pub scope: String,
    /// S256 challenge.
    pub challenge: Option<String>,
    /// Nonce.
    pub nonce: Option<String>,
    /// Prompts.
    pub prompt: Prompt,
    /// Oldest acceptable authentication, seconds.
    pub max_age: Option<u64>,
    /// Terms of the grant besides its scope.
    pub terms: GrantTerms,
    /// The person the portal expects, by `id_token_hint` or the claim `sub`.
    pub expected: Vec<Expected>,
}
