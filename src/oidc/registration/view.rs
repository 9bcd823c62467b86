//! Clients as the admin API shows them. The secret appears in two replies only: the one that registers the client, and the one that
//! rotates it.

use serde::Serialize;
use uuid::Uuid;

use crate::{
    kernel::entity_tag::{EntityTag, Tagged},
    oidc::{client::AuthMethod, keys::alg::Alg, metadata::Metadata},
};

/// A client. Field meanings as in [`super::settings::Settings`].
#[derive(Debug, Serialize)]
pub struct ClientView {
    /// Of the state that is shown; told in the header `ETag`.
    #[serde(skip)]
    pub etag: EntityTag,
    /// Row id.
    pub id: Uuid,
    /// `client_id`.
    pub client_id: String,
    /// Shown on the login page.
    pub name: String,
    /// Client authentication method.
    pub auth_method: AuthMethod,
    /// Whether it has a secret; the secret itself is never shown.
    pub client_secret_set: bool,
    /// Exact strings.
    pub redirect_uris: Vec<String>,
    /// Exact strings.
    pub post_logout_redirect_uris: Vec<String>,
    /// Scopes it may ask for.
    pub scopes: Vec<String>,
    /// Always true for public clients.
    pub require_pkce: bool,
    /// Algorithm its ID tokens are signed with.
    pub id_token_alg: Alg,
    /// Auth sources it accepts; null: all.
    pub auth_sources: Option<Vec<String>>,
    /// Row ids.
    pub allowed_departments: Vec<String>,
    /// Row ids.
    pub allowed_users: Vec<String>,
    /// Seconds.
    pub membership_max_age: i64,
    /// Seconds.
    pub membership_grace: i64,
    /// Seconds.
    pub access_token_lifetime: i64,
    /// Seconds.
    pub id_token_lifetime: i64,
    /// Seconds; 0: none.
    pub refresh_token_lifetime: i64,
    /// Whether the client is enabled.
    pub enabled: bool,
    /// Further client metadata (OpenID Connect Registration, and ours).
    pub metadata: Metadata,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub updated_at: i64,
}

/// A client just registered.
#[derive(Serialize)]
pub struct Registered {
    /// The client.
    #[serde(flatten)]
    pub client: ClientView,
    /// Shown this once; absent for public clients.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    /// What its people lack for what it asks, as sentences.
    pub warnings: Vec<String>,
}

/// A new secret.
#[derive(Serialize)]
pub struct Rotated {
    /// Of the client after the rotation; told in the header `ETag`.
    #[serde(skip)]
    pub etag: EntityTag,
    /// `client_id` of the client.
    pub client_id: String,
    /// Shown this once.
    pub client_secret: String,
}

impl Tagged for ClientView {
    fn entity_tag(&self) -> &EntityTag {
        &self.etag
    }
}

impl Tagged for Registered {
    fn entity_tag(&self) -> &EntityTag {
        &self.client.etag
    }
}

impl Tagged for Rotated {
    fn entity_tag(&self) -> &EntityTag {
        &self.etag
    }
}
