//! The token endpoint: parse, authenticate the client, choose the grant.

use std::sync::Arc;

use crate::oidc::token::client_request::ClientRequest;
use crate::oidc::token::mint::Tokens;
use crate::{
    gate::{Denied, Permit, Visit, failure::GateFailure},
    oidc::{
        client::Client,
        client_authentication::{credentials::Credentials, refused_client::Attempt},
        dpop::proof_target::ProofTarget,
        failure::{Fault, OidcFailure},
        metadata::GrantType,
        params::Params,
        provider::Provider,
    },
};

impl Provider {
    /// `POST /oauth2/token`.
    ///
    /// # Errors
    /// A [`Fault`] to be written as RFC 6749 §5.2 says.
    pub async fn token(&self, call: ClientRequest<'_>) -> Result<Tokens, Fault> {
        let sent = call.dpop;
        let (params, client) = self.client_call(call).await?;
        self.keyring().fresh().await?;
        let grant = GrantType::of(params.required("grant_type")?).ok_or(OidcFailure::GrantTypeUnsupported)?;
        if !client.metadata.grant_types.allow(grant) {
            return Err(OidcFailure::GrantTypeNotAllowed.into());
        }
        let key = self.dpop_key(&client, sent, ProofTarget::TOKEN, None).await?;
        match grant {
            GrantType::AuthorizationCode => self.redeem_code(&client, &params, key).await,
            GrantType::RefreshToken => self.refresh(&client, &params, key).await,
            GrantType::ClientCredentials => self.client_credentials(&client, &params, key),
            GrantType::DeviceCode => self.redeem_device(&client, &params, key).await,
        }
    }

    /// The steps every client endpoint shares: parse the parameters, each at most once, then authenticate the client.
    pub(in crate::oidc) async fn client_call(&self, call: ClientRequest<'_>) -> Result<(Params, Arc<Client>), Fault> {
        let params = Params::parse(call.form);
        params.unique()?;
        let credentials = Credentials::of(call.authorization, &params);
        let attempt = Attempt {
            form: &params,
            credentials: credentials.as_ref().ok(),
            from: call.from,
        };
        let authenticated = match &credentials {
            Ok(credentials) => self.authenticate(credentials).await,
            Err(fault) => Err(fault.clone()),
        };
        match authenticated {
            Ok(client) => Ok((params, client)),
            Err(fault) => Err(Box::pin(self.note_refused_client(fault, attempt)).await),
        }
    }

    /// Asks the gate on behalf of a token request. A refusal is a fault of the grant; an outage is answered as such and consumes nothing.
    pub(in crate::oidc) async fn admitted(&self, visit: Visit<'_>) -> Result<Permit, Fault> {
        match self.deps().gate.admit(visit).await {
            Ok(permit) => Ok(permit),
            // The session's row is gone with its user: final, not something to try again.
            Err(Denied::Failed(failure)) if failure.entry == GateFailure::SessionEnded.entry() => {
                Err(OidcFailure::NotAdmitted.because(failure.entry.number))
            }
            Err(Denied::Failed(failure)) => Err(failure.into()),
            Err(Denied::Refused(refusal)) => {
                let kind = match refusal.reason {
                    GateFailure::NotConfirmed | GateFailure::GraceOver | GateFailure::OtherIds => {
                        OidcFailure::NotConfirmed
                    }
                    GateFailure::IdentityDoubtful => OidcFailure::Undecided,
                    _ => OidcFailure::NotAdmitted,
                };
                Err(Fault::of_refusal(kind, &refusal))
            }
        }
    }
}
