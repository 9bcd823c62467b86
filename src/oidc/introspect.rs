//! Introspection (RFC 7662) and revocation (RFC 7009), for authenticated clients.

use serde::Serialize;
use uuid::Uuid;

use super::{
    Provider,
    client::{AuthMethod, Client},
    failure::{Fault, OidcFailure},
    token::Call,
};
use crate::crypto::digest::sha256_base64url;

/// What is known about a token; an inactive one is `active: false` and nothing else.
#[derive(Debug, Default, Serialize)]
pub struct Introspection {
    active: bool,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    details: Option<Details>,
}

#[derive(Debug, Serialize)]
struct Details {
    iss: String,
    sub: String,
    client_id: String,
    scope: String,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    sid: String,
}

impl Provider {
    /// `POST /oauth2/introspect`. Access tokens of any portal for whoever can keep a secret (resource servers); refresh tokens only
    /// for their own client.
    ///
    /// # Errors
    /// `OP-142` for public clients too: they cannot prove who they are.
    pub async fn introspect(&self, call: Call<'_>) -> Result<Introspection, Fault> {
        let (params, client) = self.client_call(call).await?;
        if client.method == AuthMethod::None {
            return Err(OidcFailure::ClientAuthentication.into());
        }
        let token = params.required("token")?;
        let details = match self.access_details(token).await? {
            Some(details) => Some(details),
            None => self.refresh_details(&client, token).await?,
        };
        Ok(Introspection {
            active: details.is_some(),
            details,
        })
    }

    async fn access_details(&self, token: &str) -> Result<Option<Details>, Fault> {
        let unfolded = self.unfold(token).await?;
        Ok(unfolded.map(|(claims, _)| Details {
            iss: claims.iss,
            sub: claims.sub,
            client_id: claims.client_id,
            scope: claims.scope,
            exp: claims.exp,
            iat: Some(claims.iat),
            aud: Some(claims.aud),
            jti: Some(claims.jti),
            token_type: Some("Bearer"),
            sid: claims.sid,
        }))
    }

    async fn refresh_details(&self, client: &Client, token: &str) -> Result<Option<Details>, Fault> {
        let found = self.store().find_refresh(&sha256_base64url(token.as_bytes())).await?;
        let now = self.parts().clock.now();
        let usable = |token: &super::store::Refresh| {
            token.grant.client == client.id && !token.consumed && !token.revoked && token.expires > now
        };
        let Some(token) = found.filter(usable) else {
            return Ok(None);
        };
        if self.store().find_standing(token.grant.id).await?.is_none() {
            return Ok(None);
        }
        Ok(Some(Details {
            iss: self.issuer().to_owned(),
            sub: self.subject(client, token.grant.user)?,
            client_id: client.client_id.clone(),
            scope: token.grant.scope,
            exp: token.expires.secs(),
            iat: None,
            aud: None,
            jti: None,
            token_type: None,
            sid: token.grant.session.to_string(),
        }))
    }

    /// `POST /oauth2/revoke`. Ends the whole grant, by whichever of its tokens. Unknown and foreign tokens are no error and change
    /// nothing (RFC 7009 §2.2).
    ///
    /// # Errors
    /// When the client does not authenticate or `token` is missing.
    pub async fn revoke(&self, call: Call<'_>) -> Result<(), Fault> {
        let (params, client) = self.client_call(call).await?;
        let token = params.required("token")?;
        if let Some(grant) = self.grant_of(&client, token).await? {
            let now = self.parts().clock.now();
            self.store().revoke_grant(grant, "revoked", now, None).await?;
        }
        Ok(())
    }

    async fn grant_of(&self, client: &Client, token: &str) -> Result<Option<Uuid>, Fault> {
        let refresh = self.store().find_refresh(&sha256_base64url(token.as_bytes())).await?;
        if let Some(refresh) = refresh {
            return Ok((refresh.grant.client == client.id).then_some(refresh.grant.id));
        }
        let claims = self.signed_by_us(token).await?;
        Ok(claims
            .filter(|claims| claims.client_id == client.client_id)
            .map(|claims| claims.gid))
    }
}
