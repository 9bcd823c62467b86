//! Grant `authorization_code`: read the code, compare, ask the gate, mint, consume the code, write the grant, in this order.
//!
//! Whatever can fail comes before the code is consumed. Where the grant cannot be written afterwards, the code is put back.
//!
//! A wrong request consumes nothing: a code is 256 random bits and a verifier at least as many, so guesses lead nowhere, while consuming
//! the code would let anybody who saw it in a log deny the sign-in.

use serde_json::json;

use super::{
    constraints::Constraints,
    mint::{MintRequest, Tokens},
};
use crate::{
    audit::{Kind, Record},
    crypto::digest::sha256_base64url,
    gate::{Permit, Visit},
    oidc::{
        authorization_code::{Code, CodeState, Codes},
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
        scope, security_profile,
        store::model::{Grant, NewRefreshToken},
        terms::GrantTerms,
    },
};
use uuid::Uuid;

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
        let code = self.require_live_code(client, found, params).await?;
        check_redirect_and_pkce(&code, client, params)?;
        let constraints = Constraints::of(client, &code.terms, params, key)?;
        self.require_consent(client, (code.user, &code.scope, &code.terms))
            .await?;
        // May take a call to WeCom, so it comes before anything is consumed.
        let visit = Visit::Browser {
            session: code.session,
            portal: client.id,
        };
        let version = self.store().version_of(code.user).await?;
        let permit = self.admitted(visit).await?;
        self.store().seed_person(version, permit.person());
        let minted = self.mint_for_code(permit, client, &code, constraints).await?;
        let before = self.codes().redeem(secret, &code).await?;
        // This decides: one of any number of parallel callers gets past here.
        let code = self.require_live_code(client, before, params).await?;
        match self.write_grant(client, &minted).await {
            Ok(()) => Ok(minted.tokens),
            Err(fault) => {
                if fault.may_pass() {
                    let now = self.deps().clock.now();
                    let codes = self.codes().at_most(security_profile::of(client).longest_code);
                    codes
                        .put_back(secret, code.renamed(&self.deps().entropy, now), now)
                        .await?;
                }
                Err(fault)
            }
        }
    }

    /// Mints the tokens of a code that is about to be consumed. Nobody gets them before [`Provider::write_grant`] has succeeded.
    pub(super) async fn mint_for_code(
        &self,
        permit: Permit,
        client: &Client,
        code: &Code,
        constraints: Constraints,
    ) -> Result<MintedGrant, Fault> {
        let grant = Grant {
            id: code.grant,
            session: code.session,
            user: code.user,
            client: client.id,
            scope: scope::still_registered(&code.scope, &client.scopes),
            terms: constraints.terms_to_store(client, code.terms.clone()),
            auth_time: code.auth_time,
        };
        let now = self.deps().clock.now();
        let token = offline_access::lifetime(client, &grant.scope).map(|life| (self.deps().entropy.token(), life));
        let first = token.as_ref().map(|(token, life)| NewRefreshToken {
            digest: sha256_base64url(token.expose().as_bytes()),
            expires: now.plus(*life),
        });
        let order = MintRequest {
            client,
            grant: &grant,
            scope: grant.scope.clone(),
            nonce: code.nonce.clone(),
            refresh_token: token.map(|(token, _)| token),
            constraints,
        };
        let tokens = self.mint(permit, order).await?;
        Ok(MintedGrant { grant, first, tokens })
    }

    /// The code if it is live and this client's. Reuse of a spent one revokes its family, but only by its own client: another client's
    /// request proves nothing about that family, and where the code has a challenge, only with the verifier: everybody can name a public
    /// client.
    async fn require_live_code(
        &self,
        client: &Client,
        found: Option<CodeState>,
        params: &Params,
    ) -> Result<Code, Fault> {
        match found {
            None => Err(OidcFailure::CodeUnknown.into()),
            Some(CodeState::Live(code)) if code.client == client.id => Ok(*code),
            Some(CodeState::Spent {
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

    /// Checks that consent still stands. Withdrawing it revokes existing grants; a code not redeemed yet has none.
    pub(super) async fn require_consent(
        &self,
        client: &Client,
        (user, scope, terms): (Uuid, &str, &GrantTerms),
    ) -> Result<(), Fault> {
        if client.metadata.consent == Consent::Implicit {
            return Ok(());
        }
        let agreed = self.consents().agreed(user, client.id).await?;
        match covers(&agreed, &items(client, scope, terms)) {
            true => Ok(()),
            false => Err(ConsentFailure::Withdrawn.fault()),
        }
    }

    /// Writes the grant of a code that was consumed.
    ///
    /// # Errors
    /// One that [may pass](Fault::may_pass) when the database did not answer: the code is to be put back then. `OP-155` and `OP-324` when
    /// the session ended, or the consent was withdrawn, meanwhile.
    pub(super) async fn write_grant(&self, client: &Client, minted: &MintedGrant) -> Result<(), Fault> {
        let now = self.deps().clock.now();
        let (grant, first) = (&minted.grant, minted.first.as_ref());
        let event = Record {
            kind: Kind::TokensIssued,
            actor: format!("user:{}", grant.user),
            subject: format!("client:{}", client.client_id),
            reference: None,
            number: None,
            detail: json!({ "grant": grant.id, "session": grant.session, "scope": grant.scope }),
        };
        if !self.store().add_grant(grant, first, now, event).await? {
            return Err(OidcFailure::NotAdmitted.because("the session ended"));
        }
        // A second redemption may have come between our exchange and this row: its revocation found no row, so it left this mark.
        if self.codes().is_marked_for_revocation(grant.id).await? {
            Box::pin(self.end_family(client, grant.id, OidcFailure::CodeReused)).await?;
        }
        // So may a withdrawal of consent between the caller's check and this row.
        if let Err(fault) = self
            .require_consent(client, (grant.user, &grant.scope, &grant.terms))
            .await
        {
            Box::pin(self.store().revoke_grant(grant.id, "withdrawn", now, None)).await?;
            return Err(fault);
        }
        Ok(())
    }
}

/// A grant about to be written, and the tokens that go out once it is.
pub(super) struct MintedGrant {
    /// The grant.
    grant: Grant,
    /// Its first refresh token, if it gets one.
    first: Option<NewRefreshToken>,
    /// The answer.
    pub(super) tokens: Tokens,
}

/// Redirect URI exactly as in the authorization request (RFC 6749 §4.1.3), and PKCE.
fn check_redirect_and_pkce(code: &Code, client: &Client, params: &Params) -> Result<(), Fault> {
    if params.get("redirect_uri") != Some(code.redirect_uri.as_str()) {
        return Err(OidcFailure::CodeRedirectMismatch.into());
    }
    if !pkce::fits(code.challenge.as_deref(), params.get("code_verifier")) {
        return Err(OidcFailure::VerifierMismatch.into());
    }
    // The registration may have been tightened while the code was on its way.
    if security_profile::requires_pkce(client) && code.challenge.is_none() {
        return Err(OidcFailure::PkceRequired.into());
    }
    Ok(())
}
