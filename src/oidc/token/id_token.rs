//! ID tokens: who signed in, when and how (OpenID Connect Core, section 2).

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;

use super::mint::{Order, end};
use crate::{
    kernel::{clock::Timestamp, failure::Result},
    oidc::Provider,
    signin::acr,
};

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
    #[serde(skip_serializing_if = "Option::is_none")]
    acr: Option<&'static str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    amr: &'a [String],
    at_hash: String,
}

impl Provider {
    pub(super) fn id_token(
        &self,
        order: &Order<'_>,
        amr: &[String],
        access_token: &str,
        now: Timestamp,
    ) -> Result<String> {
        let claims = IdClaims {
            iss: self.issuer(),
            sub: order.grant.user.to_string(),
            aud: &order.client.client_id,
            exp: end(now, order.client.id_token_lifetime),
            iat: now.secs(),
            auth_time: order.grant.auth_time.secs(),
            nonce: order.nonce.as_deref(),
            sid: order.grant.session.to_string(),
            acr: acr::told(amr, &order.grant.terms.acr),
            amr,
            at_hash: at_hash(access_token),
        };
        self.keyring()
            .keys()
            .active(order.client.id_token_alg)?
            .sign("JWT", &claims)
    }
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
