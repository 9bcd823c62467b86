//! Token introspection (RFC 7662), for authenticated clients.

use std::borrow::Cow;

use serde::Serialize;

use super::{
    client::{AuthMethod, Client},
    failure::{Fault, OidcFailure},
    provider::Provider,
    resource::Audience,
    revocation::revocation_key,
    token::{
        access_token::{AccessClaims, Confirmation},
        client_request::ClientRequest,
    },
};
use crate::crypto::digest::sha256_base64url;

/// The introspection response (RFC 7662 §2.2); for an inactive token it is `active: false` and nothing else.
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
    /// Authentication context class (RFC 9470 §6.2): a resource server may demand a stronger one.
    #[serde(skip_serializing_if = "Option::is_none")]
    acr: Option<Cow<'static, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<Confirmation>,
}

impl Details {
    /// Whether the token was neither issued to this client nor has it in `aud`.
    fn is_foreign_to(&self, client: &Client) -> bool {
        let meant = self.aud.as_ref().is_some_and(|aud| aud.names(&client.client_id));
        self.client_id != client.client_id && !meant
    }
}

impl Provider {
    /// `POST /oauth2/introspect`. A confidential client may introspect access tokens of any portal, whatever their `aud`: a resource server
    /// is registered as a client, and reads in `aud` which of them a token is for. Refresh tokens are answered to their own client only.
    /// A client that registered itself is answered only for tokens that name it.
    ///
    /// # Errors
    /// `OP-142` for public clients too: they cannot authenticate.
    pub async fn introspect(&self, call: ClientRequest<'_>) -> Result<Introspection, Fault> {
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
        let Some(claims) = self.verify_access_token(token).await? else {
            return Ok(None);
        };
        if !self.is_active(&claims).await? {
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

    /// Whether an access token is still active: for a person's token its grant state holds, for a client's own (`client_credentials`) the
    /// client is enabled and the token was not revoked.
    async fn is_active(&self, claims: &AccessClaims) -> Result<bool, Fault> {
        if claims.gid.is_some() {
            return Ok(self.grant_state_of(claims).await?.is_some());
        }
        let client = self.store().find_client(&claims.client_id).await?;
        let enabled = client.is_some_and(|client| client.enabled);
        Ok(enabled && self.deps().ephemeral.get(&revocation_key(&claims.jti)).await?.is_none())
    }

    async fn refresh_details(&self, client: &Client, token: &str) -> Result<Option<Details>, Fault> {
        let found = self.store().find_refresh(&sha256_base64url(token.as_bytes())).await?;
        let now = self.deps().clock.now();
        let usable = |token: &super::store::model::RefreshToken| {
            token.grant.client == client.id && !token.consumed && !token.revoked && token.expires > now
        };
        let Some(token) = found.filter(usable) else {
            return Ok(None);
        };
        if self.store().find_grant_state(token.grant.id, now).await?.is_none() {
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
}
