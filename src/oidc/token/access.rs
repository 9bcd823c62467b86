//! Access tokens: JWT by RFC 9068, ES256. What one says, and whether it is worth anything now.

use super::mint::{Order, end};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    kernel::{clock::Timestamp, failure::Result},
    oidc::{Provider, keys::Alg, store::Standing},
};

/// Media type in the header (RFC 9068 §2.1), which keeps ID tokens from being taken for access tokens.
pub const TYP: &str = "at+jwt";
/// No token of ours is longer; what is, is not parsed.
const LONGEST: usize = 8 * 1024;

/// Claims of an access token (RFC 9068 §2.2).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccessClaims {
    /// Issuer.
    pub iss: String,
    /// Who.
    pub sub: String,
    /// Our own endpoints.
    pub aud: String,
    /// Which portal.
    pub client_id: String,
    /// Seconds.
    pub exp: i64,
    /// Seconds.
    pub iat: i64,
    /// Unique.
    pub jti: String,
    /// Granted scope.
    pub scope: String,
    /// Session.
    pub sid: String,
    /// Our grant.
    pub gid: Uuid,
}

impl Provider {
    /// RFC 9068, with our grant's id as a private claim so that one query tells whether it still stands.
    pub(super) fn access_token(&self, order: &Order<'_>, now: Timestamp) -> Result<String> {
        let claims = AccessClaims {
            iss: self.issuer().to_owned(),
            sub: self.subject(order.client, order.grant.user)?,
            aud: self.issuer().to_owned(),
            client_id: order.client.client_id.clone(),
            exp: end(now, order.client.access_token_lifetime),
            iat: now.secs(),
            jti: self.parts().entropy.alphanumeric(),
            scope: order.scope.clone(),
            sid: order.grant.session.to_string(),
            gid: order.grant.id,
        };
        self.keyring().keys().active(Alg::Es256)?.sign(TYP, &claims)
    }

    /// What a token says, if we signed it, it has not expired by our clock, and its grant, session, person and portal still stand.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(in crate::oidc) async fn unfold(&self, token: &str) -> Result<Option<(AccessClaims, Standing)>> {
        let Some(claims) = self.signed_by_us(token).await? else {
            return Ok(None);
        };
        let Some(standing) = self.store().find_standing(claims.gid).await? else {
            return Ok(None);
        };
        let named = self.subject(&standing.client, standing.person.id)?;
        Ok((named == claims.sub).then_some((claims, standing)))
    }

    /// What an unexpired token of ours says, whether its grant stands or not.
    ///
    /// # Errors
    /// When keys must be read again and the database does not answer.
    pub(in crate::oidc) async fn signed_by_us(&self, token: &str) -> Result<Option<AccessClaims>> {
        if token.len() > LONGEST {
            return Ok(None);
        }
        let claims: Option<AccessClaims> = self.keyring().verify(token, TYP).await?;
        let now = self.parts().clock.now().secs();
        Ok(claims.filter(|claims| claims.iss == self.issuer() && claims.aud == self.issuer() && claims.exp > now))
    }
}
