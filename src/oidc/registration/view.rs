//! Clients as the admin API shows them. The secret appears in two replies only: the one that registers the client, and the one that
//! rotates it.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    kernel::entity_tag::{EntityTag, Tagged},
    oidc::{client::AuthMethod, keys::alg::Alg, metadata::Metadata, scope::Scope},
};

/// By what records know a client.
#[derive(Clone, Debug)]
pub struct PortalNames {
    /// Row id; nil, which no row has, where nothing is known by it.
    pub id: Uuid,
    /// Identifier in the protocol.
    pub client_id: String,
}

/// A client (portal), without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClientView {
    /// Of the state that is shown; told in the header `ETag`.
    #[serde(skip)]
    pub etag: EntityTag,
    /// Row id.
    pub id: Uuid,
    /// Identifier in the protocol.
    #[schema(example = "intranet")]
    pub client_id: String,
    /// Name on the login page and the account page.
    pub name: String,
    /// How it authenticates.
    pub auth_method: AuthMethod,
    /// Whether it has a secret; the secret itself is never shown.
    pub client_secret_set: bool,
    /// Redirect URIs, exact strings.
    pub redirect_uris: Vec<String>,
    /// Addresses to which a logout may lead, exact strings.
    pub post_logout_redirect_uris: Vec<String>,
    /// Scopes it may ask for.
    #[schema(value_type = Vec<Scope>)]
    pub scopes: Vec<String>,
    /// Whether it must use PKCE; always true for public clients.
    pub require_pkce: bool,
    /// Algorithm its ID tokens are signed with.
    pub id_token_alg: Alg,
    /// Row ids of the auth sources it accepts; null: all.
    #[schema(value_type = Option<Vec<Uuid>>)]
    pub auth_sources: Option<Vec<String>>,
    /// Row ids of departments whose members may enter, each with all departments below it; with `allowed_groups` and `allowed_users` empty
    /// too, everybody may.
    #[schema(value_type = Vec<Uuid>)]
    pub allowed_departments: Vec<String>,
    /// Row ids of groups whose users may enter besides.
    #[schema(value_type = Vec<Uuid>)]
    pub allowed_groups: Vec<String>,
    /// Row ids of users who may enter besides.
    #[schema(value_type = Vec<Uuid>)]
    pub allowed_users: Vec<String>,
    /// Seconds for which WeCom's last confirmation of a member counts.
    pub membership_max_age: i64,
    /// Seconds for which it counts besides while WeCom does not answer.
    pub membership_grace: i64,
    /// Seconds an access token lives.
    pub access_token_lifetime: i64,
    /// Seconds an ID token lives.
    pub id_token_lifetime: i64,
    /// Seconds a refresh token lives; 0: it gets none.
    pub refresh_token_lifetime: i64,
    /// Whether people can sign in at it.
    pub enabled: bool,
    /// Further client metadata.
    pub metadata: Metadata,
    /// When it was created, milliseconds since 1970.
    pub created_at: i64,
    /// When it was changed last, milliseconds since 1970.
    pub updated_at: i64,
}

/// A client just registered.
#[derive(Serialize, ToSchema)]
#[schema(as = RegisteredClient)]
pub struct Registered {
    /// The client.
    #[serde(flatten)]
    pub client: ClientView,
    /// Its secret, shown this once; absent for clients without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub client_secret: Option<String>,
    /// What its people lack for what it asks, as sentences in English.
    pub warnings: Vec<String>,
    /// The same in Chinese.
    pub warnings_zh: Vec<String>,
}

/// A new client secret; the old one stops working at once.
#[derive(Serialize, ToSchema)]
#[schema(as = RotatedSecret)]
pub struct Rotated {
    /// Of the client after the rotation; told in the header `ETag`.
    #[serde(skip)]
    pub etag: EntityTag,
    /// `client_id` of the client.
    pub client_id: String,
    /// The secret, shown this once.
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
