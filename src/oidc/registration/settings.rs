//! Settings of a registered client, once accepted, and the consequences of its fields for each other. Pure.

use uuid::Uuid;

use crate::oidc::{
    client::AuthMethod,
    keys::alg::Alg,
    metadata::{Metadata, SecurityProfile},
    security_profile::allows,
};

/// `membership_max_age` of new portals, seconds.
pub const DEFAULT_MEMBERSHIP_MAX_AGE: i64 = 900;
/// `membership_grace` of new portals, seconds.
pub const DEFAULT_MEMBERSHIP_GRACE: i64 = 14_400;

/// All that is registered about a client, besides its identifier and secret.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Shown on the login page.
    pub name: String,
    /// Client authentication method.
    pub auth_method: AuthMethod,
    /// Exact strings.
    pub redirect_uris: Vec<String>,
    /// Exact strings.
    pub post_logout_redirect_uris: Vec<String>,
    /// Scopes it may ask for, out of those Menjin knows.
    pub scopes: Vec<String>,
    /// Always true for public clients.
    pub require_pkce: bool,
    /// Algorithm its ID tokens are signed with.
    pub id_token_alg: Alg,
    /// Auth sources it accepts; `None`: all.
    pub auth_sources: Option<Vec<Uuid>>,
    /// Departments whose members may enter; with the two lists below empty too, everybody may.
    pub allowed_departments: Vec<Uuid>,
    /// Groups whose users may enter besides.
    pub allowed_groups: Vec<Uuid>,
    /// Users who may enter besides.
    pub allowed_users: Vec<Uuid>,
    /// Seconds for which WeCom's last confirmation of a member counts.
    pub membership_max_age: i64,
    /// Seconds for which it counts besides while WeCom does not answer.
    pub membership_grace: i64,
    /// Seconds.
    pub access_token_lifetime: i64,
    /// Seconds.
    pub id_token_lifetime: i64,
    /// Seconds; 0: no refresh tokens.
    pub refresh_token_lifetime: i64,
    /// Whether the client is enabled.
    pub enabled: bool,
    /// Further client metadata (OpenID Connect Registration, and ours).
    pub metadata: Metadata,
}

impl Settings {
    /// Sets what follows from other fields.
    #[must_use]
    pub fn consistent(mut self) -> Self {
        // RFC 9700 §2.1.1: public clients must use PKCE.
        self.require_pkce |= self.auth_method == AuthMethod::None;
        // FAPI 2.0 Security Profile §5.3.2.2 and §5.4.1; the authentication method is the client's decision, so that is checked instead.
        if self.metadata.security_profile == SecurityProfile::Fapi2 {
            self.require_pkce = true;
            self.metadata.require_pushed_authorization_requests = true;
            self.metadata.dpop_bound_access_tokens = true;
            if !allows(SecurityProfile::Fapi2, self.id_token_alg.word()) {
                self.id_token_alg = Alg::Es256;
            }
        }
        self
    }
}
