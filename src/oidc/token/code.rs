//! Grant `authorization_code`: look, compare, ask the gate, consume, write, mint, in this order.
//!
//! Nothing is consumed by a request that is wrong: a code is 256 random bits and a verifier at least as many, so wrong tries lead
//! nowhere, while burning the code would let anybody who saw it in a log deny the sign-in.

use serde_json::json;

use super::{
    constraints::Constraints,
    mint::{Order, Tokens},
};
use crate::oidc::security_profile::requires_pkce;
use crate::{
    audit::{Kind, Record},
    crypto::digest::sha256_base64url,
    gate::Visit,
    kernel::secret::Secret,
    oidc::{
        authorization_code::{Code, Codes, Found},
        client::Client,
        consent::{
            agreement::{covers, items},
            failure::ConsentFailure,
        },
        dpop::key::Thumbprint,
        failure::{Fault, OidcFailure},
        metadata::Consent,
        offline_access,
        params::Params,
        pkce,
        provider::Provider,
        scope,
        store::model::{NewGrant, Successor},
    },
};

impl Provider {
    pub(in crate::oidc) fn codes(&self) -> Codes {
        Codes::new(self.deps().ephemeral.clone(), self.deps().settings.code_lifetime)
    }

    pub(super) async fn redeem_code(
        &self,
        client: &Client,
        params: &Params,
        key: Option<Thumbprint>,
    ) -> Result<Tokens, Fault> {
        let secret = params.required("code")?;
        let found = self.codes().peek(secret).await?;
        let code = self.live(client, found, params).await?;
        compare(&code, client, params)?;
        let limits = Constraints::of(client, &code.terms, params, key)?;
        self.still_agreed(client, &code).await?;
        // May take a call to WeCom, so it comes before anything is consumed.
        let visit = Visit::Browser {
            session: code.session,
            portal: client.id,
        };
        let permit = self.admitted(visit).await?;
        let before = self.codes().redeem(secret, &code).await?;
        // This decides: one of any number of parallel callers gets past here.
        let mut code = self.live(client, before, params).await?;
        code.terms = limits.lasting(client, code.terms);
        code.scope = scope::still(&code.scope, &client.scopes);
        let (grant, refresh_token) = self.write_grant(client, &code).await?;
        let order = Order {
            client,
            grant: &grant,
            scope: code.scope,
            nonce: code.nonce,
            refresh_token,
            limits,
        };
        Ok(self.mint(permit, order).await?)
    }

    /// The code if it is live and this client's. A spent one ends its family, but only in the hands of its own client: what another
    /// client presents proves nothing about that family, and a public client is its own only with the verifier: everybody can name it.
    async fn live(&self, client: &Client, found: Option<Found>, params: &Params) -> Result<Code, Fault> {
        match found {
            None => Err(OidcFailure::CodeUnknown.into()),
            Some(Found::Live(code)) if code.client == client.id => Ok(*code),
            Some(Found::Spent {
                grant,
                client: owner,
                challenge,
            }) if owner == client.id => {
                if challenge.is_none() || pkce::fits(challenge.as_deref(), params.get("code_verifier")) {
                    self.codes().mark_for_revocation(grant).await?;
                    Box::pin(self.end_family(client, grant, OidcFailure::CodeReused)).await?;
                }
                Err(OidcFailure::CodeReused.into())
            }
            Some(_) => Err(OidcFailure::CodeForeign.into()),
        }
    }

    /// Taking consent back revokes the grants there are; a code on its way then has none yet.
    pub(super) async fn still_agreed(&self, client: &Client, code: &Code) -> Result<(), Fault> {
        if client.metadata.consent == Consent::Implicit {
            return Ok(());
        }
        let agreed = self.consents().agreed(code.user, client.id).await?;
        match covers(&agreed, &items(&code.scope, &code.terms)) {
            true => Ok(()),
            false => Err(ConsentFailure::Withdrawn.fault()),
        }
    }

    pub(super) async fn write_grant(
        &self,
        client: &Client,
        code: &Code,
    ) -> Result<(NewGrant, Option<Secret<String>>), Fault> {
        let now = self.deps().clock.now();
        let grant = NewGrant {
            id: code.grant,
            session: code.session,
            user: code.user,
            client: client.id,
            scope: code.scope.clone(),
            terms: code.terms.clone(),
            auth_time: code.auth_time,
        };
        let token = offline_access::lifetime(client, &code.scope).map(|life| (self.deps().entropy.token(), life));
        let first = token.as_ref().map(|(token, life)| Successor {
            digest: sha256_base64url(token.expose().as_bytes()),
            expires: now.plus(*life),
        });
        let event = Record {
            kind: Kind::TokensIssued,
            actor: format!("user:{}", code.user),
            subject: format!("client:{}", client.client_id),
            reference: None,
            number: None,
            detail: json!({ "grant": grant.id, "session": grant.session, "scope": grant.scope }),
        };
        if !self.store().add_grant(&grant, first.as_ref(), now, event).await? {
            return Err(OidcFailure::NotAdmitted.because("the session ended"));
        }
        // A second redemption may have come between our exchange and this row: its revocation found nothing, its note is here.
        if self.codes().is_marked_for_revocation(grant.id).await? {
            Box::pin(self.end_family(client, grant.id, OidcFailure::CodeReused)).await?;
        }
        // So may a consent taken back between the caller's look and this row.
        if let Err(fault) = self.still_agreed(client, code).await {
            Box::pin(self.store().revoke_grant(grant.id, "withdrawn", now, None)).await?;
            return Err(fault);
        }
        Ok((grant, token.map(|(token, _)| token)))
    }
}

/// Redirect URI exactly as in the authorization request (RFC 6749 §4.1.3), and PKCE.
fn compare(code: &Code, client: &Client, params: &Params) -> Result<(), Fault> {
    if params.get("redirect_uri") != Some(code.redirect_uri.as_str()) {
        return Err(OidcFailure::CodeRedirectMismatch.into());
    }
    if !pkce::fits(code.challenge.as_deref(), params.get("code_verifier")) {
        return Err(OidcFailure::VerifierMismatch.into());
    }
    // The registration may have been tightened while the code was on its way.
    if requires_pkce(client) && code.challenge.is_none() {
        return Err(OidcFailure::PkceRequired.into());
    }
    Ok(())
}
