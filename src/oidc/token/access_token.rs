//! Access tokens: JWT by RFC 9068. Their claims, minting and verification, and the grant state behind them.

use super::{
    constraints::Constraints,
    mint::{MintRequest, Moments, expiry, within},
};
use crate::{
    kernel::{clock::Timestamp, failure::Result},
    oidc::{
        client::Client,
        dpop::key::Thumbprint,
        failure::{Fault, OidcFailure},
        keys::alg::Alg,
        provider::Provider,
        resource::Audience,
        store::model::GrantState,
        token::failure::TokenFailure,
    },
    signin::acr,
};
use std::{borrow::Cow, sync::Arc};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Media type in the header (RFC 9068 §2.1), which keeps ID tokens from being taken for access tokens.
pub const TYP: &str = "at+jwt";
/// Longest access token, bytes: a longer one is neither issued nor parsed. What proxies let through in a header (nginx: 8 KiB) decides.
pub const LONGEST: usize = 8 * 1024;

/// Claims of an access token (RFC 9068 §2.2).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccessClaims {
    /// Issuer.
    pub iss: String,
    /// Who: a person, or the client itself where it acts alone (RFC 9068 §2.2).
    pub sub: String,
    /// Our own endpoints, or resource servers.
    pub aud: Audience,
    /// Which portal.
    pub client_id: String,
    /// Seconds.
    pub exp: i64,
    /// Seconds.
    pub iat: i64,
    /// Unique.
    pub jti: String,
    /// Granted scope.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scope: String,
    /// When the person proved who they are, seconds; never in a client's own token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    /// Authentication context class (RFC 9068 §2.2.1), as in the ID token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<Cow<'static, str>>,
    /// How the person proved it (RFC 8176), as in the ID token.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// Session; never in a client's own token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// Our grant; none: the client acts for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gid: Option<Uuid>,
    /// The key it is bound to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Confirmation>,
}

/// How possession is confirmed (RFC 7800 §3.1, RFC 9449 §6.1).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Confirmation {
    /// Thumbprint of the key.
    pub jkt: Thumbprint,
}

/// A token just signed, unless it is longer than any endpoint takes. Nothing has been consumed for it yet.
fn usable(token: String, constraints: &Constraints) -> Result<String, Fault> {
    if token.len() <= LONGEST {
        return Ok(token);
    }
    Err(
        TokenFailure::TokenTooLong.fault_about(match constraints.resources.as_slice() {
            [] => "scope",
            _ => "resource",
        }),
    )
}

impl AccessClaims {
    /// `DPoP` or `Bearer` (RFC 9449 §5, RFC 6750 §4).
    pub const fn token_type(&self) -> &'static str {
        if self.cnf.is_some() { "DPoP" } else { "Bearer" }
    }
}

impl Provider {
    /// Signs a person's access token (RFC 9068), with the grant's id as a private claim so that one query tells whether it is still valid.
    ///
    /// # Errors
    /// `OP-390` when it would be too long to be used.
    pub(super) fn access_token(
        &self,
        order: &MintRequest<'_>,
        amr: &[String],
        moments: Moments,
    ) -> Result<String, Fault> {
        let sub = self.subject(order.client, order.grant.user)?;
        let lifetime = within(order.client.access_token_lifetime, moments);
        let claims = AccessClaims {
            auth_time: Some(order.grant.auth_time.secs()),
            acr: acr::acr_claim(amr, &order.grant.terms.acr).map(Cow::Borrowed),
            amr: amr.to_vec(),
            sid: Some(self.sid(Some(order.client), order.grant.session)?),
            gid: Some(order.grant.id),
            exp: expiry(moments.0, lifetime),
            ..self.access_claims(order.client, sub, order.scope.clone(), &order.constraints, moments.0)
        };
        let alg = Self::access_alg(order.client)?;
        let token = self.keyring().keys().sign_and_cache(alg, TYP, &claims)?;
        usable(token, &order.constraints)
    }

    /// Signs a client's own token: it is its own subject (RFC 9068 §2.2).
    ///
    /// # Errors
    /// As [`Provider::access_token`].
    pub(super) fn client_token(
        &self,
        client: &Client,
        scope: &str,
        constraints: &Constraints,
        now: Timestamp,
    ) -> Result<String, Fault> {
        let sub = client.client_id.clone();
        let claims = self.access_claims(client, sub, scope.to_owned(), constraints, now);
        let keys = self.keyring().keys();
        let token = keys.active(Self::access_alg(client)?)?.sign(TYP, &claims)?;
        usable(token, constraints)
    }

    fn access_claims(
        &self,
        client: &Client,
        sub: String,
        scope: String,
        constraints: &Constraints,
        now: Timestamp,
    ) -> AccessClaims {
        AccessClaims {
            iss: self.issuer().to_owned(),
            sub,
            aud: Audience::of(&constraints.resources, self.issuer()),
            client_id: client.client_id.clone(),
            exp: expiry(now, client.access_token_lifetime),
            iat: now.secs(),
            jti: self.deps().entropy.hex_id(),
            scope,
            auth_time: None,
            acr: None,
            amr: Vec::new(),
            sid: None,
            gid: None,
            cnf: constraints.key.clone().map(|jkt| Confirmation { jkt }),
        }
    }

    fn access_alg(client: &Client) -> Result<Alg> {
        match client.metadata.access_token_signed_response_alg.as_deref() {
            None => Ok(Alg::Es256),
            Some(word) => Alg::of(word).ok_or_else(|| OidcFailure::KeyMissing.failure().cause(word)),
        }
    }

    /// The grant state of a person's token: grant, session, person and portal; none when one of them is gone, and for a client's own token.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(in crate::oidc) async fn grant_state_of(&self, claims: &AccessClaims) -> Result<Option<Arc<GrantState>>> {
        let Some(grant) = claims.gid else { return Ok(None) };
        let Some(grant_state) = self.store().find_grant_state(grant, self.deps().clock.now()).await? else {
            return Ok(None);
        };
        let named = self.subject(&grant_state.client, grant_state.person.id)?;
        Ok((named == claims.sub).then_some(grant_state))
    }

    /// The claims of an unexpired token of ours, whatever its audience and whether its grant is still valid or not.
    ///
    /// # Errors
    /// When keys must be read again and the database does not answer.
    pub(in crate::oidc) async fn verify_access_token(&self, token: &str) -> Result<Option<AccessClaims>> {
        if token.len() > LONGEST {
            return Ok(None);
        }
        let claims: Option<AccessClaims> = self.keyring().verify(token, TYP).await?;
        let now = self.deps().clock.now().secs();
        Ok(claims.filter(|claims| claims.iss == self.issuer() && claims.exp > now))
    }
}
