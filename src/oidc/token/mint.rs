//! Minting: the only place where tokens are made, and it takes a [`Permit`] by value.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;

use super::access::{self, AccessClaims};
use crate::{
    gate::Permit,
    kernel::{clock::Timestamp, failure::Result, secret::Secret},
    oidc::{Provider, client::Client, failure::OidcFailure, keys::Alg, scope, store::NewGrant},
};

/// What is to be minted.
pub struct Order<'a> {
    /// For which portal.
    pub client: &'a Client,
    /// On which grant.
    pub grant: &'a NewGrant,
    /// With which scope; the grant's or less.
    pub scope: String,
    /// As sent in the authorization request; not repeated at a refresh.
    pub nonce: Option<String>,
    /// The refresh token that was stored already; never an empty one, which some clients stumble over.
    pub refresh_token: Option<Secret<String>>,
}

/// The answer of the token endpoint (RFC 6749 §5.1, OpenID Connect Core 3.1.3.3).
#[derive(Serialize)]
pub struct Tokens {
    access_token: String,
    token_type: &'static str,
    expires_in: u64,
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
}

/// Claims of an ID token (OpenID Connect Core, section 2). No personal ones: those are userinfo's.
#[derive(Serialize)]
struct IdClaims<'a> {
    iss: &'a str,
    sub: String,
    aud: &'a str,
    exp: i64,
    iat: i64,
    auth_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    sid: String,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    amr: &'a [String],
    at_hash: String,
}

impl Provider {
    /// Mints what was ordered, on the strength of a permit that is spent here.
    ///
    /// # Errors
    /// `OP-181` when the permit is for another portal, person or session than the grant; `OP-180` without keys.
    pub(super) fn mint(&self, permit: Permit, order: Order<'_>) -> Result<Tokens> {
        let session = permit.session().filter(|session| session.id == order.grant.session);
        let fits = permit.portal() == order.client.id
            && order.grant.client == order.client.id
            && permit.person().id == order.grant.user;
        let Some(session) = session.filter(|_| fits) else {
            return Err(OidcFailure::MintRefused.failure().cause("permit and grant differ"));
        };
        let now = self.parts().clock.now();
        let access_token = self.access_token(&order, now)?;
        let id_token = match scope::contains(&order.scope, "openid") {
            true => Some(self.id_token(&order, &session.amr, &access_token, now)?),
            false => None,
        };
        Ok(Tokens {
            access_token,
            token_type: "Bearer",
            expires_in: order.client.access_token_lifetime.as_secs(),
            scope: order.scope,
            id_token,
            refresh_token: order.refresh_token.map(|token| token.expose().clone()),
        })
    }

    /// RFC 9068, with our grant's id as a private claim so that one query tells whether it still stands.
    fn access_token(&self, order: &Order<'_>, now: Timestamp) -> Result<String> {
        let claims = AccessClaims {
            iss: self.issuer().to_owned(),
            sub: order.grant.user.to_string(),
            aud: self.issuer().to_owned(),
            client_id: order.client.client_id.clone(),
            exp: end(now, order.client.access_token_lifetime),
            iat: now.secs(),
            jti: self.parts().entropy.alphanumeric(),
            scope: order.scope.clone(),
            sid: order.grant.session.to_string(),
            gid: order.grant.id,
        };
        self.keyring().keys().active(Alg::Es256)?.sign(access::TYP, &claims)
    }

    fn id_token(&self, order: &Order<'_>, amr: &[String], access_token: &str, now: Timestamp) -> Result<String> {
        let claims = IdClaims {
            iss: self.issuer(),
            sub: order.grant.user.to_string(),
            aud: &order.client.client_id,
            exp: end(now, order.client.id_token_lifetime),
            iat: now.secs(),
            auth_time: order.grant.auth_time.secs(),
            nonce: order.nonce.as_deref(),
            sid: order.grant.session.to_string(),
            amr,
            at_hash: at_hash(access_token),
        };
        self.keyring()
            .keys()
            .active(order.client.id_token_alg)?
            .sign("JWT", &claims)
    }
}

fn end(now: Timestamp, lifetime: Duration) -> i64 {
    now.plus(lifetime).secs()
}

/// The left half of the access token's SHA-256 (OpenID Connect Core 3.1.3.6); SHA-256 belongs to RS256 and ES256 alike.
fn at_hash(access_token: &str) -> String {
    let hash = digest(&SHA256, access_token.as_bytes());
    let bytes = hash.as_ref();
    URL_SAFE_NO_PAD.encode(bytes.split_at_checked(bytes.len() / 2).map_or(bytes, |(left, _)| left))
}

#[cfg(test)]
mod tests {
    use super::at_hash;

    /// OpenID Connect Core, appendix A.3: the access token and the hash of that example.
    #[test]
    fn the_example_of_the_specification() {
        assert_eq!(
            at_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"),
            "77QmUPtjPfzWtF2AnpK9RQ"
        );
    }
}
