//! Introspection (RFC 7662) and revocation (RFC 7009), for authenticated clients.

use std::borrow::Cow;

use serde::Serialize;
use uuid::Uuid;

use super::{
    client::{AuthMethod, Client},
    failure::{Fault, OidcFailure},
    provider::Provider,
    resource::Audience,
    token::{
        access::{AccessClaims, Confirmation},
        call::Call,
    },
};
use crate::{crypto::digest::sha256_base64url, kernel::clock::Timestamp};

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
    #[serde(skip_serializing_if = "String::is_empty")]
    scope: String,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<Audience>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
    /// RFC 9470 §6.2: a resource server may ask for a better one.
    #[serde(skip_serializing_if = "Option::is_none")]
    acr: Option<Cow<'static, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<Confirmation>,
}

impl Details {
    /// Neither issued to this client nor meant for it.
    fn is_foreign_to(&self, client: &Client) -> bool {
        let meant = self.aud.as_ref().is_some_and(|aud| aud.names(&client.client_id));
        self.client_id != client.client_id && !meant
    }
}

impl Provider {
    /// `POST /oauth2/introspect`. Access tokens of any portal, whatever their `aud`, for whoever can keep a secret: a resource server
    /// is registered as a client, and which of them a token is for it reads in `aud`. Refresh tokens only for their own client.
    /// A client that registered itself, whom no admin has looked at, hears only of tokens that name it.
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
        let foreign = details.as_ref().is_some_and(|details| details.is_foreign_to(&client));
        if foreign && self.store().registered_itself(client.id).await? {
            return Ok(Introspection::default());
        }
        Ok(Introspection {
            active: details.is_some(),
            details,
        })
    }

    async fn access_details(&self, token: &str) -> Result<Option<Details>, Fault> {
        let Some(claims) = self.signed_by_us(token).await? else {
            return Ok(None);
        };
        if !self.stands(&claims).await? {
            return Ok(None);
        }
        Ok(Some(Details {
            token_type: Some(claims.token_type()),
            iss: claims.iss,
            sub: claims.sub,
            client_id: claims.client_id,
            scope: claims.scope,
            exp: claims.exp,
            iat: Some(claims.iat),
            aud: Some(claims.aud),
            jti: Some(claims.jti),
            auth_time: claims.auth_time,
            acr: claims.acr,
            sid: claims.sid,
            cnf: claims.cnf,
        }))
    }

    /// Whether everything a token stands on is still there: for a person's token the grant and all behind it, for a client's own the
    /// client, switched on, and no revocation.
    async fn stands(&self, claims: &AccessClaims) -> Result<bool, Fault> {
        if claims.gid.is_some() {
            return Ok(self.grant_state_of(claims).await?.is_some());
        }
        let client = self.store().find_client(&claims.client_id).await?;
        let enabled = client.is_some_and(|client| client.enabled);
        Ok(enabled && self.deps().ephemeral.get(&revoked(&claims.jti)).await?.is_none())
    }

    async fn refresh_details(&self, client: &Client, token: &str) -> Result<Option<Details>, Fault> {
        let found = self.store().find_refresh(&sha256_base64url(token.as_bytes())).await?;
        let now = self.deps().clock.now();
        let usable = |token: &super::store::model::Refresh| {
            token.grant.client == client.id && !token.consumed && !token.revoked && token.expires > now
        };
        let Some(token) = found.filter(usable) else {
            return Ok(None);
        };
        if self.store().find_grant_state(token.grant.id).await?.is_none() {
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
            auth_time: Some(token.grant.auth_time.secs()),
            acr: None,
            sid: Some(self.sid(Some(client), token.grant.session)?),
            cnf: None,
        }))
    }

    /// `POST /oauth2/revoke`. Ends the whole grant, by whichever of its tokens. Unknown and foreign tokens are no error and change
    /// nothing (RFC 7009 §2.2).
    ///
    /// A client's own token has no grant: its `jti` is noted until it expires, and introspection says inactive. A resource server that
    /// only verifies signatures takes it until then, and so does everybody if the ephemeral store is lost.
    ///
    /// # Errors
    /// When the client does not authenticate or `token` is missing.
    pub async fn revoke(&self, call: Call<'_>) -> Result<(), Fault> {
        let (params, client) = self.client_call(call).await?;
        let token = params.required("token")?;
        let refresh = self.store().find_refresh(&sha256_base64url(token.as_bytes())).await?;
        if let Some(refresh) = refresh {
            return match refresh.grant.client == client.id {
                true => self.end_grant(refresh.grant.id).await,
                false => Ok(()),
            };
        }
        let claims = self.signed_by_us(token).await?;
        match claims.filter(|claims| claims.client_id == client.client_id) {
            Some(AccessClaims { gid: Some(grant), .. }) => self.end_grant(grant).await,
            Some(claims) => self.note_revoked(&claims).await,
            None => Ok(()),
        }
    }

    async fn end_grant(&self, grant: Uuid) -> Result<(), Fault> {
        let now = self.deps().clock.now();
        self.store().revoke_grant(grant, "revoked", now, None).await?;
        Ok(())
    }

    async fn note_revoked(&self, claims: &AccessClaims) -> Result<(), Fault> {
        let left = Timestamp::from_secs(claims.exp).since(self.deps().clock.now());
        self.deps().ephemeral.put(&revoked(&claims.jti), b"1", left).await?;
        Ok(())
    }
}

/// `jti` are ours, 32 hex characters.
fn revoked(jti: &str) -> String {
    format!("revoked:{jti}")
}
