//! What was agreed at the authorization endpoint besides the scope. Travels from the request to the code to the grant. Pure.

use serde::{Deserialize, Serialize};

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
}
