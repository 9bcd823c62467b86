//! What was agreed at the authorization endpoint besides the scope. Travels from the request to the code to the grant. Pure.

use serde::{Deserialize, Serialize};

use super::claims::request::Asked;

/// The terms of a grant. Every field has a default, so that a grant written before a field existed reads well.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Terms {
    /// Resource servers the access token is for (RFC 8707); empty: our own endpoints only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// Thumbprint of the key the tokens are bound to (RFC 9449 §10).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dpop_jkt: Option<String>,
    /// Claims asked for by name (OpenID Connect Core 5.5).
    #[serde(skip_serializing_if = "Asked::is_empty")]
    pub claims: Asked,
    /// Authentication context classes asked for by the `claims` parameter, the best first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub acr: Vec<String>,
    /// Whether one of them is a must (OpenID Connect Core 5.5.1.1).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub acr_essential: bool,
}
