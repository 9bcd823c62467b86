//! Consents: the values shared by their queries and use cases.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    kernel::{clock::Clock, entropy::Entropy},
    store::Database,
};

/// What a person agreed to give to a portal.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ConsentView {
    /// Row id of the portal.
    #[serde(rename = "client")]
    pub portal: Uuid,
    /// Its `client_id`.
    pub client_id: String,
    /// Its name.
    pub name: String,
    /// The scopes that were agreed to.
    pub scopes: Vec<String>,
    /// When they agreed, milliseconds since 1970.
    pub granted_at: i64,
}

/// The consents people gave. Cheap to clone.
#[derive(Clone)]
pub struct Consents {
    pub(in crate::oidc) database: Database,
    pub(in crate::oidc) clock: Clock,
    pub(in crate::oidc) entropy: Entropy,
}
