//! Consents: the values shared by their queries and use cases.

use serde::Serialize;
use uuid::Uuid;

use crate::{
    kernel::{clock::Clock, entropy::Entropy},
    store::Database,
};

/// A stored consent as the admin API and the account page show it.
#[derive(Clone, Debug, Serialize)]
pub struct ConsentView {
    /// Row id of the portal.
    #[serde(rename = "client")]
    pub portal: Uuid,
    /// Its `client_id`.
    pub client_id: String,
    /// Its name.
    pub name: String,
    /// What was agreed to.
    pub scopes: Vec<String>,
    /// Milliseconds.
    pub granted_at: i64,
}

/// The consents people gave. Cheap to clone.
#[derive(Clone)]
pub struct Consents {
    pub(in crate::oidc) database: Database,
    pub(in crate::oidc) clock: Clock,
    pub(in crate::oidc) entropy: Entropy,
}
