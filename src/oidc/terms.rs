//! Terms of a grant besides its scope: resources, DPoP key, requested claims, authentication context and methods. They pass from the
//! authorization request to the code to the grant. Pure.

use serde::{Deserialize, Serialize};

use super::claims::request::RequestedClaims;

/// The terms of a grant. Every field has a default, so that a grant written before a field existed can still be read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GrantTerms {
    /// Resource servers the access token is for (RFC 8707); empty: our own endpoints only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// Thumbprint of the key the tokens are bound to (RFC 9449 §10).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dpop_jkt: Option<String>,
    /// Claims asked for by name (OpenID Connect Core 5.5).
    #[serde(skip_serializing_if = "RequestedClaims::is_empty")]
    pub claims: RequestedClaims,
    /// Authentication context classes asked for, the preferred one first; empty: any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub acr: Vec<String>,
    /// Authentication methods used at `auth_time` (RFC 8176): the session may be renewed by another method while tokens are refreshed.
    /// Empty in grants written before this was kept.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// Whether one of the classes in `acr` is required (OpenID Connect Core 5.5.1.1), not merely preferred.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub acr_essential: bool,
}
