//! Client metadata: what a client may register besides its addresses and lifetimes (OpenID Connect Dynamic Client Registration 1.0,
//! RFC 7591 and its extensions). Pure. Kept as one JSON document whose fields all have defaults, so that a client registered before a
//! field existed can still be read.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ObjectBuilder, OneOfBuilder, RefOr, Schema,
        schema::{SchemaType, Type},
    },
};

use super::claims::{groups::GroupRules, mapping::Mapping};
use crate::directory::user::provenance::{Field, PinnableField};

/// Further client metadata. Names are those of the registries of RFC 7591; the few of our own are marked `Ours`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ClientMetadata)]
#[serde(default, deny_unknown_fields)]
pub struct Metadata {
    /// Its public keys by value (RFC 7517), for `private_key_jwt` and signed request objects; absent: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub jwks: Option<Value>,
    /// Its public keys by reference; absent: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// The one algorithm its client assertions are signed with; absent: any that fits its method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_signing_alg: Option<String>,
    /// Ours: whether its secret is taken only by the method it registered; otherwise header and form are one.
    pub strict_client_authentication: bool,
    /// Ours: which security profile the client is held to.
    pub security_profile: SecurityProfile,
    /// Whether it must use pushed authorization requests (PAR, RFC 9126 §6).
    pub require_pushed_authorization_requests: bool,
    /// Whether its access tokens must be bound by DPoP (RFC 9449 §5.2).
    pub dpop_bound_access_tokens: bool,
    /// RFC 9101 §10.5: requests without a signed request object are refused.
    pub require_signed_request_object: bool,
    /// The one algorithm its request objects are signed with; absent: any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_object_signing_alg: Option<String>,
    /// Grants it may use; `authorization_code` and `refresh_token` unless given.
    #[schema(value_type = Vec<GrantType>)]
    pub grant_types: GrantTypes,
    /// Ours: whether each use of a refresh token replaces it (RFC 9700 §4.14.2); true unless given.
    #[schema(value_type = bool)]
    pub refresh_token_rotation: RefreshTokenRotation,
    /// Ours: resource servers it may name with `resource` (RFC 8707), absolute URIs.
    pub resources: Vec<String>,
    /// Ours: scopes of resource servers it may get by `client_credentials` only. What they mean is up to those servers.
    pub api_scopes: Vec<String>,
    /// Ours: the algorithm its access tokens are signed with; absent: ES256.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token_signed_response_alg: Option<String>,
    /// Userinfo as a JWT signed with this algorithm; absent: JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_signed_response_alg: Option<String>,
    /// How its users are named in `sub`.
    pub subject_type: SubjectType,
    /// Document that lists the redirect URIs of a sector; clients of one sector share pairwise subjects. Absent: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sector_identifier_uri: Option<String>,
    /// Ours: the client registered itself, and no admin vouches that the hosts of its redirect URIs are its own. Without a
    /// `sector_identifier_uri` it is a sector by itself.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub sector_unproven: bool,
    /// Ours: the groups claim, and claim mappings.
    pub claims: ClaimRules,
    /// Ours: which claims about people its ID tokens hold unasked.
    pub id_token_claims: IdTokenClaims,
    /// Ours: whether people are asked before their data goes to it.
    pub consent: Consent,
    /// Ours: fields of a user that it needs. Whoever lacks one of them that WeCom gives by consent is offered to be asked, inside WeCom; nobody
    /// is refused for it. Absent: none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<PinnableField>)]
    pub required_fields: Vec<Field>,
    /// `max_age` of requests that have none, seconds; absent: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_max_age: Option<u64>,
    /// Whether it needs `auth_time`; every ID token of ours has it anyway.
    pub require_auth_time: bool,
    /// `acr_values` of requests that have none.
    pub default_acr_values: Vec<String>,
    /// Where a third party may start a sign-in (OpenID Connect Core section 4); absent: nowhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initiate_login_uri: Option<String>,
    /// Where logout tokens are sent (OpenID Connect Back-Channel Logout 1.0 §2.2); absent: nowhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_uri: Option<String>,
    /// Whether it needs `sid` in logout tokens; ours always have it.
    pub backchannel_logout_session_required: bool,
    /// Ours: whether its server may end a session without the person's browser, by an ID token of that session.
    pub server_initiated_logout: bool,
    /// Address loaded in a frame at logout (OpenID Connect Front-Channel Logout 1.0 §2); absent: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frontchannel_logout_uri: Option<String>,
    /// Whether it needs `iss` and `sid` in that address; they are always there.
    pub frontchannel_logout_session_required: bool,
    /// Logo shown on our pages; absent: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo_uri: Option<String>,
    /// Home page; absent: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_uri: Option<String>,
    /// Privacy policy; absent: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_uri: Option<String>,
    /// Terms of service; absent: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tos_uri: Option<String>,
    /// E-mail addresses of the people responsible for it.
    pub contacts: Vec<String>,
    /// Ours: the key of the recipe of the console by which its own side is set up, such as `grafana`; absent: none was written down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipe: Option<String>,
    /// Ours: fields of a client that registered itself which an admin has set since. Its own requests do not change them any more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub decided: Vec<String>,
}

/// A change of the metadata: any of its members, and null for one restores its default.
#[derive(Debug)]
pub struct MetadataChange;

impl PartialSchema for MetadataChange {
    fn schema() -> RefOr<Schema> {
        let RefOr::T(Schema::Object(mut object)) = Metadata::schema() else {
            return Metadata::schema();
        };
        for property in object.properties.values_mut().filter(|property| !admits_null(property)) {
            let description = match &*property {
                RefOr::Ref(reference) => Some(reference.description.clone()),
                RefOr::T(Schema::Object(object)) => object.description.clone(),
                RefOr::T(Schema::Array(array)) => array.description.clone(),
                RefOr::T(Schema::OneOf(choice)) => choice.description.clone(),
                RefOr::T(_) => None,
            };
            let null = ObjectBuilder::new().schema_type(Type::Null);
            let choice = OneOfBuilder::new().item(null).item(property.clone());
            *property = choice.description(description).into();
        }
        object.description = Some("Members of the metadata that change; null restores a default.".to_owned());
        Schema::Object(object).into()
    }
}

/// Whether null fits already: of a choice exactly one item may fit.
fn admits_null(property: &RefOr<Schema>) -> bool {
    let RefOr::T(schema) = property else { return false };
    match schema {
        Schema::Object(object) => match &object.schema_type {
            SchemaType::Type(kind) => *kind == Type::Null,
            SchemaType::Array(kinds) => kinds.contains(&Type::Null),
            SchemaType::AnyValue => true,
        },
        Schema::OneOf(choice) => choice.items.iter().any(admits_null),
        _ => false,
    }
}

impl ToSchema for MetadataChange {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("ClientMetadataChange")
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        Metadata::schemas(schemas);
    }
}

/// Security profile that a client is held to: `standard`: OpenID Connect with the security best current practice (RFC 9700); `fapi2`: FAPI
/// 2.0 Security Profile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SecurityProfile {
    /// OpenID Connect with the security best current practice (RFC 9700).
    #[default]
    Standard,
    /// FAPI 2.0 Security Profile.
    Fapi2,
}

/// How users are named to a client (OpenID Connect Core, section 8): `public`: the user's own id; `pairwise`: a different identifier in
/// each sector.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubjectType {
    /// The user's own id.
    #[default]
    Public,
    /// A different identifier in each sector.
    Pairwise,
}

/// Which claims about people an ID token holds unasked: `minimal`: those that a rule puts there (OpenID Connect Core 5.4); `scopes`: those
/// of the granted scopes as well, for portals that never ask userinfo.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IdTokenClaims {
    /// Those that a rule puts there (OpenID Connect Core 5.4: scopes give claims in userinfo).
    #[default]
    Minimal,
    /// Those of the granted scopes as well, for portals that never ask userinfo.
    Scopes,
}

/// Whether people are asked for consent: `implicit`: nobody is, because the company decided by registering the portal; `ask`: each person
/// is, once per consent item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ConsentPolicy)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// Nobody is asked: the company decided by registering the portal.
    #[default]
    Implicit,
    /// Each person is asked, once per consent item.
    Ask,
}

/// A grant type by its protocol name (RFC 6749, RFC 8628).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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
    /// Parses the `grant_type` of a token request.
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

/// The grant types a client may use: `authorization_code` and `refresh_token` unless it says otherwise.
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

/// Whether refresh tokens rotate (RFC 9700 §4.14.2): they do unless an admin switches it off for a client that authenticates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RefreshTokenRotation(pub bool);

impl Default for RefreshTokenRotation {
    fn default() -> Self {
        Self(true)
    }
}

/// Claim rules: what is released to a client beyond the standard claims, and under which names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ClaimRules {
    /// The groups claim: which groups, and in which form.
    pub groups: GroupRules,
    /// Claim mappings: renamed, fixed and composed claims.
    pub map: Vec<Mapping>,
}
