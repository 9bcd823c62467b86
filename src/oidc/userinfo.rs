//! The userinfo endpoint (OpenID Connect Core 5.3): the claims released by the scope of the access token, the claims requested by name
//! and the portal's claim rules.

use serde_json::{Map, Value};

use super::{
    bearer::BearerCredentials,
    claims::{Place, release::ClaimsQuery},
    client::Client,
    failure::{Fault, OidcFailure},
    keys::alg::Alg,
    provider::Provider,
};

/// The userinfo response.
#[derive(Debug)]
pub enum Userinfo {
    /// Plain JSON.
    Plain(Map<String, Value>),
    /// A signed JWT, for clients that registered an algorithm.
    Signed(String),
}

impl Provider {
    /// `GET` or `POST /oauth2/userinfo`.
    ///
    /// # Errors
    /// As [`Provider::authorize_token`].
    pub async fn userinfo(&self, token: impl Into<BearerCredentials<'_>>) -> Result<Userinfo, Fault> {
        let (claims, grant_state) = self.authorize_token(&token.into()).await?;
        let about = ClaimsQuery {
            client: &grant_state.client,
            person: &grant_state.person,
            member: grant_state.member,
            scope: &claims.scope,
            terms: &grant_state.terms,
        };
        let mut told = self.claims_about(&about, Place::Userinfo).await?;
        told.insert("sub".to_owned(), claims.sub.into());
        match &grant_state.client.metadata.userinfo_signed_response_alg {
            None => Ok(Userinfo::Plain(told)),
            Some(alg) => self.signed(told, &grant_state.client, alg),
        }
    }

    /// Signs the response, with `iss` and `aud` as OpenID Connect Core 5.3.2 requires. Without `exp`, so that it cannot be taken for an ID
    /// token.
    fn signed(&self, mut told: Map<String, Value>, client: &Client, alg: &str) -> Result<Userinfo, Fault> {
        told.insert("iss".to_owned(), self.issuer().into());
        told.insert("aud".to_owned(), client.client_id.as_str().into());
        let alg = Alg::of(alg).ok_or(OidcFailure::KeyMissing)?;
        Ok(Userinfo::Signed(self.keyring().keys().active(alg)?.sign("JWT", &told)?))
    }
}
