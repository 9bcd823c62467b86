//! ID tokens: who signed in, when and how (OpenID Connect Core, section 2).

use serde::Serialize;
use serde_json::{Map, Value};

use super::mint::{MintRequest, Moments, expiry, within};
use crate::{kernel::failure::Result, oidc::provider::Provider, signin::acr};

/// Claims of an ID token (OpenID Connect Core, section 2). Personal ones only where `personal_claims` has them: the others are userinfo's.
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
    #[serde(skip_serializing_if = "Option::is_none")]
    acr: Option<&'static str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    amr: &'a [String],
    at_hash: String,
    /// Personal claims requested by name, or configured for the portal; never one of those above.
    #[serde(flatten)]
    personal_claims: Map<String, Value>,
}

/// Longest ID token, bytes: a longer one is neither issued nor taken as a hint.
pub const LONGEST: usize = 32 * 1024;

impl Provider {
    /// Signs an ID token. One that would be too long to come back as a hint goes without personal claims: userinfo has them.
    pub(super) fn usable_id_token(
        &self,
        order: &MintRequest<'_>,
        proof: (&[String], &str, Moments),
        personal_claims: Map<String, Value>,
    ) -> Result<String> {
        let token = self.id_token(order, proof, personal_claims)?;
        if token.len() <= LONGEST {
            return Ok(token);
        }
        tracing::warn!(
            client = order.client.client_id,
            bytes = token.len(),
            "an ID token goes without personal claims: it would be too long"
        );
        self.id_token(order, proof, Map::new())
    }

    fn id_token(
        &self,
        order: &MintRequest<'_>,
        (amr, access_token, moments): (&[String], &str, Moments),
        personal_claims: Map<String, Value>,
    ) -> Result<String> {
        let alg = order.client.id_token_alg;
        let claims = IdClaims {
            iss: self.issuer(),
            sub: self.subject(order.client, order.grant.user)?,
            aud: &order.client.client_id,
            exp: expiry(moments.0, within(order.client.id_token_lifetime, moments)),
            iat: moments.0.secs(),
            auth_time: order.grant.auth_time.secs(),
            nonce: order.nonce.as_deref(),
            sid: self.sid(Some(order.client), order.grant.session)?,
            acr: acr::acr_claim(amr, &order.grant.terms.acr),
            amr,
            at_hash: alg.half_hash(access_token),
            personal_claims,
        };
        self.keyring().keys().active(alg)?.sign("JWT", &claims)
    }
}
