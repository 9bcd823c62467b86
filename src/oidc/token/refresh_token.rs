//! Grant `refresh_token`: rotation with reuse detection (RFC 9700 §4.14.2), and the gate is asked again each time. A security profile whose
//! clients authenticate and prove their key at every use forbids rotation, which would then only lose tokens; an admin may switch it off
//! for a client that authenticates.
//!
//! The token is consumed last, when its successor is chosen and the new tokens are signed: whatever fails before leaves it as it was.

use std::{sync::Arc, time::Duration};

use super::{
    constraints::Constraints,
    mint::{MintRequest, Tokens},
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
        store::model::{NewRefreshToken, RefreshToken},
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
        let (token, issued) = self.load_usable_token(client, &digest).await?;
        let scope = scope::narrow(&token.grant.scope, params.get("scope"))?;
        let scope = scope::still_registered(&scope, &client.scopes);
        let constraints = Constraints::of(client, &token.grant.terms, params, key)?;
        let permit = self.ask_gate_again(client, &token).await?;
        let life = client.refresh_token_lifetime.ok_or(OidcFailure::RefreshExpired)?;
        let used = (digest.as_str(), token.as_ref());
        let next = match security_profile::rotates(client) && issued.is_none() {
            true => Some(self.choose_successor(client, used).await?),
            false => None,
        };
        let order = MintRequest {
            client,
            grant: &token.grant,
            scope,
            nonce: None,
            refresh_token: next.clone().or(issued),
            constraints,
        };
        let tokens = self.mint(permit, order).await?;
        if let Some(next) = next {
            self.rotate_token(client, used, &next, life).await?;
        }
        Ok(tokens)
    }

    /// Consumes the token for its successor. This decides: of any number of parallel callers one does; the others, where they may retry,
    /// have the same successor, and for all else it is reuse.
    async fn rotate_token(
        &self,
        client: &Client,
        used: (&str, &RefreshToken),
        next: &Secret<String>,
        life: Duration,
    ) -> Result<(), Fault> {
        let now = self.deps().clock.now();
        let successor = NewRefreshToken {
            digest: sha256_base64url(next.expose().as_bytes()),
            expires: now.plus(life),
        };
        if self.store().rotate(used, &successor, now).await? {
            return Ok(());
        }
        match self.issued_successor(client, used).await? {
            Some(issued) if issued.expose() == next.expose() => Ok(()),
            _ => self.end_family_on_reuse(client, used.1).await,
        }
    }

    /// The token if it is this client's, unused, not revoked and not expired; another client's is answered as an unknown one. Of a used one
    /// that may be retried also the successor that was issued for it.
    async fn load_usable_token(
        &self,
        client: &Client,
        digest: &str,
    ) -> Result<(Arc<RefreshToken>, Option<Secret<String>>), Fault> {
        // The cache does not know for certain that it is unused: the rotation decides that, and where there is none, the row.
        let found = match security_profile::rotates(client) {
            true => self.store().cached_refresh(digest).await?,
            false => self.store().find_refresh(digest).await?.map(Arc::new),
        };
        let token = found
            .filter(|token| token.grant.client == client.id)
            .ok_or(OidcFailure::RefreshUnknown)?;
        let issued = match token.consumed {
            true => self.issued_successor(client, (digest, &token)).await?,
            false => None,
        };
        if token.consumed && issued.is_none() {
            return self.end_family_on_reuse(client, &token).await;
        }
        if token.revoked {
            return Err(OidcFailure::GrantRevoked.into());
        }
        if token.expires <= self.deps().clock.now() {
            return Err(OidcFailure::RefreshExpired.into());
        }
        Ok((token, issued))
    }

    async fn end_family_on_reuse<T>(&self, client: &Client, token: &RefreshToken) -> Result<T, Fault> {
        Box::pin(self.end_family(client, token.grant.id, OidcFailure::RefreshReused)).await?;
        Err(OidcFailure::RefreshReused.into())
    }

    /// Asks the gate again. A refusal revokes the family; an outage, or a doubt that an admin decides, does not.
    async fn ask_gate_again(&self, client: &Client, token: &RefreshToken) -> Result<Permit, Fault> {
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
