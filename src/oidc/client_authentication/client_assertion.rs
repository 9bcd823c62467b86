//! Client authentication by JWT: `private_key_jwt` and `client_secret_jwt` (OpenID Connect Core section 9, RFC 7523 §2.2 and §3).
//!
//! The signature is verified first, then the claims, and the `jti` is consumed last: nobody can use up another client's.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use super::{
    assertion_rules::{self, Expected, LEEWAY},
    failure::AuthenticationFailure,
};
use crate::{
    crypto::digest::sha256_base64url,
    kernel::json,
    oidc::{
        client::{AuthMethod, Client},
        client_keys::{fetch::SignatureError, jwt::Jwt},
        failure::{Fault, OidcFailure},
        params::Params,
        provider::Provider,
    },
};

/// The only kind of assertion taken (RFC 7523 §2.2).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The place the registration sealed the secret for.
const SECRET_PLACE: &str = "client.secret";
/// Endpoints clients authenticate at; each is accepted as `aud` at each of them. Many clients name the one they call, some always the token
/// endpoint, and an assertion works once, whatever it names.
const ENDPOINTS: [&str; 5] = [
    "/oauth2/token",
    "/oauth2/par",
    "/oauth2/introspect",
    "/oauth2/revoke",
    "/oauth2/device_authorization",
];

/// An assertion as sent, not verified yet.
#[derive(Clone, Debug)]
pub struct Assertion {
    /// Claimed `client_id`.
    pub client_id: String,
    token: String,
}

impl Assertion {
    /// From the form. The form's `client_id` is optional; without it the JWT's `iss` is taken.
    pub fn of(params: &Params) -> Result<Self, Fault> {
        if params.get("client_assertion_type") != Some(JWT_BEARER) {
            return Err(AuthenticationFailure::AssertionType.into());
        }
        let token = params.required("client_assertion")?;
        if Jwt::read(token).is_none() {
            return Err(AuthenticationFailure::AssertionUnreadable.into());
        }
        let client_id = params
            .owned("client_id")
            .or_else(|| claimed(token))
            .ok_or(AuthenticationFailure::AssertionUnreadable)?;
        Ok(Self {
            client_id,
            token: token.to_owned(),
        })
    }
}

/// The `iss` of a JWT, unverified.
fn claimed(token: &str) -> Option<String> {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let claims = json::object(&claims).ok()?;
    claims.get("iss")?.as_str().map(str::to_owned)
}

impl Provider {
    /// Verifies that this assertion authenticates this client, and consumes it.
    pub(super) async fn verify_assertion(&self, client: &Client, assertion: &Assertion) -> Result<(), Fault> {
        let jwt = Jwt::read(&assertion.token).ok_or(AuthenticationFailure::AssertionUnreadable)?;
        let claims = self.proven(client, &jwt).await?;
        let issuer = self.issuer();
        let now = self.deps().clock.now();
        let expected = Expected {
            client,
            issuer,
            endpoints: &ENDPOINTS.map(|path| format!("{issuer}{path}")),
            now: now.secs(),
        };
        let proof = assertion_rules::judge(&jwt, &claims, &expected)?;
        // Of any number of parallel callers with the same assertion one stores its `jti`; it stays until no replica's clock accepts the
        // JWT.
        let name = sha256_base64url(proof.jti.as_bytes());
        let key = format!("assertion:{}:{name}", client.id);
        let seconds = proof.expires.saturating_add(LEEWAY).saturating_sub(now.secs());
        let life = Duration::from_secs(u64::try_from(seconds).unwrap_or(0).saturating_add(1));
        if self.deps().ephemeral.put_new(&key, b"1", life).await? {
            Ok(())
        } else {
            Err(AuthenticationFailure::AssertionReused.into())
        }
    }

    /// The claims, if the signature is of the kind the client registered.
    async fn proven(&self, client: &Client, jwt: &Jwt<'_>) -> Result<Map<String, Value>, Fault> {
        match client.method {
            AuthMethod::PrivateKeyJwt => self
                .verify_client_jwt(client, jwt)
                .await
                .map_err(|unproven| match unproven {
                    SignatureError::NoMatchingKey => OidcFailure::ClientAuthentication.into(),
                    SignatureError::KeysUnreachable(failure) => {
                        AuthenticationFailure::KeysUnreachable.caused_by(&failure)
                    }
                    SignatureError::Internal(failure) => failure.into(),
                }),
            AuthMethod::ClientSecretJwt => {
                let secret = match &client.secret_sealed {
                    Some(sealed) => Some(self.deps().sealer.open_text(SECRET_PLACE, sealed)?),
                    None => None,
                };
                let claims = secret.and_then(|secret| jwt.verify_with_secret(&secret));
                claims.ok_or_else(|| OidcFailure::ClientAuthentication.into())
            }
            _ => Err(OidcFailure::ClientAuthentication.into()),
        }
    }
}
