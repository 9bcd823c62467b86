//! Table `client`. A portal: a downstream OpenID relying party.

use sea_orm::entity::prelude::*;

use crate::json::Strings;

/// A portal: a downstream OpenID relying party.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "client")]
pub struct Model {
    /// Ours.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The protocol's client identifier.
    #[sea_orm(unique)]
    pub client_id: String,
    /// Shown on the login page.
    pub name: String,
    /// `client_secret_basic`, `client_secret_post`, `client_secret_jwt`, `private_key_jwt` or `none` (public client).
    pub auth_method: String,
    /// SHA-256 of the client secret, base64url; null for public clients.
    pub secret_digest: Option<String>,
    /// The secret itself, sealed for `client.secret`; only for `client_secret_jwt`, which signs with it.
    pub secret_sealed: Option<String>,
    /// All that OpenID Connect Registration knows besides, as `oidc::metadata` reads it.
    pub metadata: Json,
    /// Compared as exact strings.
    pub redirect_uris: Strings,
    /// Compared as exact strings.
    pub post_logout_redirect_uris: Strings,
    /// What it may ask for.
    pub scopes: Strings,
    /// Always true for public clients.
    pub require_pkce: bool,
    /// `RS256` by default (OpenID Connect Core, section 2).
    pub id_token_alg: String,
    /// Ids of the auth sources that may sign in; null: all.
    pub auth_sources: Option<Strings>,
    /// Ids of departments (with all below) whose members may enter; empty with the two lists below empty: everybody.
    pub allowed_departments: Strings,
    /// Ids of groups whose people may enter besides.
    pub allowed_groups: Strings,
    /// Ids of users who may enter besides.
    pub allowed_users: Strings,
    /// Seconds after which a membership must be confirmed by WeCom again before tokens are refreshed.
    pub membership_max_age: i64,
    /// Seconds for which a confirmation counts besides while WeCom does not answer.
    pub membership_grace: i64,
    /// Seconds.
    pub access_token_lifetime: i64,
    /// Seconds.
    pub id_token_lifetime: i64,
    /// Seconds; 0: no refresh tokens.
    pub refresh_token_lifetime: i64,
    /// Whether anybody may enter.
    pub enabled: bool,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub updated_at: i64,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
