//! Grant `refresh_token`: rotation with reuse detection (RFC 9700 §4.14.2), and the gate is asked again each time. A profile whose clients
//! prove themselves and their key at every use forbids the rotation, which then only loses tokens.

use std::{sync::Arc, time::Duration};

use super::{
    constraints::Constraints,
    mint::{Order, Tokens},
};
use crate::{
    crypto::digest::sha256_base64url,
    gate::{Permit, Visit},
    kernel::secret::Secret,
    oidc::{
        client::Client,
        dpop::key::Thumbprint,
        failure::{Fault, OidcFailure},
        params::Params,
        provider::Provider,
        scope, security_profile,
        store::model::{Refresh, Successor},
    },
};

impl Provider {
    pub(super) async fn refresh(
        &self,
        client: &Client,
        params: &Params,
        key: Option<Thumbprint>,
    ) -> Result<Tokens, Fault> {
        let sent = params.required("refresh_token")?;
        let digest = sha256_base64url(sent.as_bytes());
        let token = self.usable(client, &digest).await?;
        let scope = scope::narrow(&token.grant.scope, params.get("scope"))?;
        let scope = scope::still(&scope, &client.scopes);
        let limits = Constraints::of(client, &token.grant.terms, params, key)?;
        // Before the token is consumed: an outage of WeCom must not cost the portal its family.
        let permit = self.still_admitted(client, &token).await?;
        let life = client.refresh_token_lifetime.ok_or(OidcFailure::RefreshExpired)?;
        let next = match security_profile::of(client).rotation {
            true => Some(self.replaced(client, (&digest, &token), life).await?),
            false => None,
        };
        let order = Order {
            client,
            grant: &token.grant,
            scope,
            nonce: None,
            refresh_token: next,
            limits,
        };
        Ok(self.mint(permit, order).await?)
    }

    /// Its successor. This decides: one of any number of parallel callers gets one.
    async fn replaced(&self, client: &Client, used: (&str, &Refresh), life: Duration) -> Result<Secret<String>, Fault> {
        let now = self.deps().clock.now();
        let next = self.deps().entropy.token();
        let successor = Successor {
            digest: sha256_base64url(next.expose().as_bytes()),
            expires: now.plus(life),
        };
        match self.store().rotate(used, &successor, now).await? {
            true => Ok(next),
            false => self.reused(client, used.1).await,
        }
    }

    /// The token if it is this client's, unused, and alive. Another client's is as unknown as one that never was.
    async fn usable(&self, client: &Client, digest: &str) -> Result<Arc<Refresh>, Fault> {
        // Memory does not know for certain that it is unused: the rotation decides that, and where there is none, the row.
        let found = match security_profile::of(client).rotation {
            true => self.store().cached_refresh(digest).await?,
            false => self.store().find_refresh(digest).await?.map(Arc::new),
        };
        let token = found
            .filter(|token| token.grant.client == client.id)
            .ok_or(OidcFailure::RefreshUnknown)?;
        if token.consumed {
            return self.reused(client, &token).await;
        }
        if token.revoked {
            return Err(OidcFailure::GrantRevoked.into());
        }
        if token.expires <= self.deps().clock.now() {
            return Err(OidcFailure::RefreshExpired.into());
        }
        Ok(token)
    }

    async fn reused<T>(&self, client: &Client, token: &Refresh) -> Result<T, Fault> {
        Box::pin(self.end_family(client, token.grant.id, OidcFailure::RefreshReused)).await?;
        Err(OidcFailure::RefreshReused.into())
    }

    /// A no of the gate ends the family; an outage does not.
    async fn still_admitted(&self, client: &Client, token: &Refresh) -> Result<Permit, Fault> {
        let visit = Visit::Refresh {
            session: token.grant.session,
            portal: client.id,
        };
        let admitted = self.admitted(visit).await;
        if let Err(fault) = &admitted
            && fault.failure.entry.number == OidcFailure::NotAdmitted.entry().number
        {
            let now = self.deps().clock.now();
            Box::pin(self.store().revoke_grant(token.grant.id, "refused", now, None)).await?;
        }
        admitted
    }
}
