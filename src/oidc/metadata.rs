//! What a client may register besides its addresses and lifetimes (OpenID Connect Dynamic Client Registration 1.0, RFC 7591 and what extends
//! it). Pure; kept as one JSON document whose fields all have defaults, so that a client registered before a field existed reads well.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::claims::{groups::GroupRules, mapping::Mapping};

/// The document. Names are those of the registries of RFC 7591; the few of our own say so.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Metadata {
    /// Its public keys by value (RFC 7517): for `private_key_jwt` and signed request objects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks: Option<Value>,
    /// Its public keys by reference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// The one algorithm its client assertions are signed with; `None`: any that fits its method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_signing_alg: Option<String>,
    /// Ours: which security profile the client is held to.
    pub security_profile: SecurityProfile,
    /// RFC 9126 §6.
    pub require_pushed_authorization_requests: bool,
    /// RFC 9449 §5.2.
    pub dpop_bound_access_tokens: bool,
    /// RFC 9101 §10.5: requests without a signed request object are refused.
    pub require_signed_request_object: bool,
    /// The one algorithm its request objects are signed with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_object_signing_alg: Option<String>,
    /// Grants it may use.
    pub grant_types: GrantTypes,
    /// Ours: resource servers it may name with `resource` (RFC 8707), absolute URIs.
    pub resources: Vec<String>,
    /// Ours: scopes of resource servers it may have for itself, by `client_credentials` only. What they mean is those servers' business.
    pub api_scopes: Vec<String>,
    /// Ours: the algorithm its access tokens are signed with; `None`: ES256.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token_signed_response_alg: Option<String>,
    /// Userinfo as a JWT signed with this algorithm; `None`: JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_signed_response_alg: Option<String>,
    /// How its users are named.
    pub subject_type: SubjectType,
    /// Whose members share pairwise subjects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sector_identifier_uri: Option<String>,
    /// Ours: groups, renamed and made-up claims.
    pub claims: ClaimRules,
    /// Ours: whether people are asked before their data goes to it.
    pub consent: Consent,
    /// Seconds; applies where a request has no `max_age`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_max_age: Option<u64>,
    /// `auth_time` is in every ID token of ours anyway.
    pub require_auth_time: bool,
    /// Applies where a request has no `acr_values`.
    pub default_acr_values: Vec<String>,
    /// Where a sign-in may be started from elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initiate_login_uri: Option<String>,
    /// OpenID Connect Back-Channel Logout 1.0 §2.2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_uri: Option<String>,
    /// Our logout tokens always have `sid`.
    pub backchannel_logout_session_required: bool,
    /// OpenID Connect Front-Channel Logout 1.0 §2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frontchannel_logout_uri: Option<String>,
    /// Whether `iss` and `sid` go with it; they always do.
    pub frontchannel_logout_session_required: bool,
    /// Shown on the pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo_uri: Option<String>,
    /// Home page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_uri: Option<String>,
    /// What it does with data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_uri: Option<String>,
    /// Terms of service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tos_uri: Option<String>,
    /// E-mail addresses of who runs it.
    pub contacts: Vec<String>,
    /// Ours: fields of a client that registered itself which an admin has set since. Its own word does not change them any more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub decided: Vec<String>,
}

/// Security profiles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecurityProfile {
    /// OpenID Connect with the best current practice (RFC 9700).
    #[default]
    Standard,
    /// FAPI 2.0 Security Profile.
    Fapi2,
}

/// How users are named to a client (OpenID Connect Core, section 8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectType {
    /// The user's own id.
    #[default]
    Public,
    /// Another name in each sector.
    Pairwise,
}

/// Whether people are asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// The company decided by registering the portal.
    #[default]
    Implicit,
    /// Each person decides once per scope.
    Ask,
}

/// A grant type by its protocol name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GrantType {
    /// RFC 6749 §4.1.
    #[serde(rename = "authorization_code")]
    AuthorizationCode,
    /// RFC 6749 §6.
    #[serde(rename = "refresh_token")]
    RefreshToken,
    /// RFC 6749 §4.4.
    #[serde(rename = "client_credentials")]
    ClientCredentials,
    /// RFC 8628.
    #[serde(rename = "urn:ietf:params:oauth:grant-type:device_code")]
    DeviceCode,
}

impl GrantType {
    /// From the name in a token request.
    pub fn of(word: &str) -> Option<Self> {
        match word {
            "authorization_code" => Some(Self::AuthorizationCode),
            "refresh_token" => Some(Self::RefreshToken),
            "client_credentials" => Some(Self::ClientCredentials),
            "urn:ietf:params:oauth:grant-type:device_code" => Some(Self::DeviceCode),
            _ => None,
        }
    }
}

/// The grants a client may use: code and refresh unless it says otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GrantTypes(pub Vec<GrantType>);

impl Default for GrantTypes {
    fn default() -> Self {
        Self(vec![GrantType::AuthorizationCode, GrantType::RefreshToken])
    }
}

impl GrantTypes {
    /// Whether this one is among them.
    pub fn allow(&self, grant: GrantType) -> bool {
        self.0.contains(&grant)
    }
}

/// What a client is told about a person beyond the standard claims, and under which names. Ours.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClaimRules {
    /// Groups: which, and how they look.
    pub groups: GroupRules,
    /// Renamed and made-up claims.
    pub map: Vec<Mapping>,
}
