//! The registered OAuth client (a portal) as the protocol endpoints use it, and its authentication methods.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{keys::alg::Alg, metadata::Metadata};

/// Client authentication method at the token endpoint (OpenID Connect Core, section 9): `client_secret_basic` (secret in the Authorization
/// header), `client_secret_post` (in the form), `client_secret_jwt` (a JWT made with the secret), `private_key_jwt` (a JWT signed with a
/// key of its own), `none` (public client: PKCE instead).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ClientAuthMethod)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// Secret in the Authorization header; what a client that says nothing gets (RFC 7591 §2).
    #[default]
    ClientSecretBasic,
    /// Secret in the form.
    ClientSecretPost,
    /// A JWT made with the secret (OpenID Connect Core, section 9).
    ClientSecretJwt,
    /// A JWT signed with a key of its own (OpenID Connect Core, section 9).
    PrivateKeyJwt,
    /// Public client: no secret, PKCE instead.
    None,
}

impl AuthMethod {
    /// The methods offered, as published.
    pub const WORDS: [&'static str; 5] = [
        "client_secret_basic",
        "client_secret_post",
        "client_secret_jwt",
        "private_key_jwt",
        "none",
    ];

    /// Its name in the database and in the protocol.
    pub const fn word(self) -> &'static str {
        match self {
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::ClientSecretJwt => "client_secret_jwt",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::None => "none",
        }
    }

    /// Whether a client of this kind has a secret.
    pub const fn has_secret(self) -> bool {
        matches!(
            self,
            Self::ClientSecretBasic | Self::ClientSecretPost | Self::ClientSecretJwt
        )
    }

    /// Whether the secret itself is sent, in the header or the form.
    pub const fn sends_secret(self) -> bool {
        matches!(self, Self::ClientSecretBasic | Self::ClientSecretPost)
    }

    /// Parses its name in a registration.
    pub fn of(word: &str) -> Option<Self> {
        match word {
            "client_secret_basic" => Some(Self::ClientSecretBasic),
            "client_secret_post" => Some(Self::ClientSecretPost),
            "client_secret_jwt" => Some(Self::ClientSecretJwt),
            "private_key_jwt" => Some(Self::PrivateKeyJwt),
            "none" => Some(Self::None),
            _ => None,
        }
    }
}

/// A registered portal.
#[derive(Clone, Debug)]
pub struct Client {
    /// Row id.
    pub id: Uuid,
    /// `client_id`.
    pub client_id: String,
    /// Whether it is enabled; a disabled client cannot authenticate, even with its secret.
    pub enabled: bool,
    /// The method it registered.
    pub method: AuthMethod,
    /// SHA-256 of its secret, base64url; none for public clients.
    pub secret_digest: Option<String>,
    /// Its secret sealed for `client.secret`; only with `client_secret_jwt`.
    pub secret_sealed: Option<String>,
    /// The rest of its registered metadata.
    pub metadata: Metadata,
    /// Compared as exact strings.
    pub redirect_uris: Vec<String>,
    /// Compared as exact strings.
    pub post_logout_redirect_uris: Vec<String>,
    /// Scopes it may ask for.
    pub scopes: Vec<String>,
    /// Whether a request without PKCE is refused.
    pub require_pkce: bool,
    /// Algorithm its ID tokens are signed with.
    pub id_token_alg: Alg,
    /// Lifetime of an access token.
    pub access_token_lifetime: Duration,
    /// Lifetime of an ID token.
    pub id_token_lifetime: Duration,
    /// Lifetime of a refresh token; `None`: it gets no refresh tokens.
    pub refresh_token_lifetime: Option<Duration>,
}

impl Client {
    /// Whether its secret may be sent by this method. Header and form prove the same, and many clients pick one by discovery, so either
    /// will do unless the registration is strict. A secret that is only for signing is never taken.
    pub const fn takes_secret_by(&self, sent: AuthMethod) -> bool {
        let lenient = !self.metadata.strict_client_authentication;
        let same = matches!(
            (self.method, sent),
            (AuthMethod::ClientSecretBasic, AuthMethod::ClientSecretBasic)
                | (AuthMethod::ClientSecretPost, AuthMethod::ClientSecretPost)
        );
        same || (lenient && self.method.sends_secret() && sent.sends_secret())
    }
}

/// Whether this text has the syntax of a `client_id` (RFC 6749 appendix A.1); what has not is not looked up.
pub fn is_client_id(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}
