//! ID tokens: who signed in, when and how (OpenID Connect Core, section 2).

use serde::Serialize;

use super::mint::{Order, end};
use crate::{
    kernel::{clock::Timestamp, failure::Result},
    oidc::Provider,
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
        let alg = order.client.id_token_alg;
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
            at_hash: alg.half_hash(access_token),
        };
        self.keyring().keys().active(alg)?.sign("JWT", &claims)
    }
}
