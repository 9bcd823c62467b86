//! Minting: the only place where tokens are made. For a person it takes a [`Permit`] by value; a client's own token names no person.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value};

use super::constraints::Constraints;
use crate::{
    gate::Permit,
    kernel::{clock::Timestamp, failure::Result, secret::Secret},
    oidc::{
        claims::{Place, release::ClaimsQuery},
        client::Client,
        failure::{Fault, OidcFailure},
        metadata::IdTokenClaims,
        provider::Provider,
        scope,
        store::model::Grant,
    },
};

/// What is to be minted.
pub struct MintRequest<'a> {
    /// For which portal.
    pub client: &'a Client,
    /// On which grant.
    pub grant: &'a Grant,
    /// With which scope; the grant's or less.
    pub scope: String,
    /// As sent in the authorization request; not repeated at a refresh.
    pub nonce: Option<String>,
    /// The refresh token that was stored already; never an empty one, which some clients stumble over.
    pub refresh_token: Option<Secret<String>>,
    /// Audience and key of the access token.
    pub constraints: Constraints,
}

/// The answer of the token endpoint (RFC 6749 §5.1, OpenID Connect Core 3.1.3.3).
#[derive(Serialize)]
pub struct Tokens {
    access_token: String,
    token_type: &'static str,
    expires_in: u64,
    #[serde(skip_serializing_if = "String::is_empty")]
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
}

impl Provider {
    /// Mints the tokens of an order; consumes the permit.
    ///
    /// # Errors
    /// `OP-181` when the permit is for another portal, person or session than the grant; `OP-180` without keys; `OP-390` when the access
    /// token would be too long.
    pub(super) async fn mint(&self, permit: Permit, order: MintRequest<'_>) -> Result<Tokens, Fault> {
        let session = permit.session().filter(|session| session.id == order.grant.session);
        let fits = permit.portal() == order.client.id
            && order.grant.client == order.client.id
            && permit.person().id == order.grant.user;
        let Some(session) = session.filter(|_| fits) else {
            return Err(OidcFailure::MintRefused
                .failure()
                .cause("permit and grant differ")
                .into());
        };
        let now = self.deps().clock.now();
        let amr = match order.grant.terms.amr.as_slice() {
            [] => &session.amr,
            proven => proven,
        };
        let ends = permit.person().access_until;
        let access_token = self.access_token(&order, amr, (now, ends))?;
        let id_token = match scope::contains(&order.scope, "openid") {
            true => {
                let personal_claims = self.told_in_id_token(&permit, &order).await?;
                Some(self.usable_id_token(&order, (amr, &access_token, (now, ends)), personal_claims)?)
            }
            false => None,
        };
        Ok(Tokens {
            access_token,
            token_type: order.constraints.token_type(),
            expires_in: within(order.client.access_token_lifetime, (now, ends)).as_secs(),
            scope: order.scope,
            id_token,
            refresh_token: order.refresh_token.map(|token| token.expose().clone()),
        })
    }

    async fn told_in_id_token(&self, permit: &Permit, order: &MintRequest<'_>) -> Result<Map<String, Value>> {
        let about = ClaimsQuery {
            client: order.client,
            person: permit.person(),
            member: permit.member(),
            scope: &order.scope,
            terms: &order.grant.terms,
        };
        let place = match order.client.metadata.id_token_claims {
            IdTokenClaims::Minimal => Place::IdToken,
            IdTokenClaims::Scopes => Place::FullIdToken,
        };
        self.claims_about(&about, place).await
    }

    /// Mints a client's own access token, and nothing else (RFC 6749 §4.4.3).
    ///
    /// # Errors
    /// `OP-180` without a key; `OP-390` when the token would be too long.
    pub(super) fn mint_for_client(
        &self,
        client: &Client,
        scope: String,
        constraints: &Constraints,
    ) -> Result<Tokens, Fault> {
        let now = self.deps().clock.now();
        Ok(Tokens {
            access_token: self.client_token(client, &scope, constraints, now)?,
            token_type: constraints.token_type(),
            expires_in: client.access_token_lifetime.as_secs(),
            scope,
            id_token: None,
            refresh_token: None,
        })
    }
}

/// Now, and when the person's access ends.
pub(super) type Moments = (Timestamp, Option<Timestamp>);

/// A lifetime that begins now, cut where the person's access ends: no token outlives it.
pub(super) fn within(lifetime: Duration, (now, ends): Moments) -> Duration {
    ends.map_or(lifetime, |ends| lifetime.min(ends.since(now)))
}

/// Expiry of a lifetime that begins now, seconds.
pub(super) fn expiry(now: Timestamp, lifetime: Duration) -> i64 {
    now.plus(lifetime).secs()
}
