//! The token endpoint: it owns the shared phases (parse once, authenticate the client, choose the grant), each grant its rules.

pub mod access;
mod client_credentials;
mod code;
mod constraints;
mod device;
pub(in crate::oidc) mod failure;
mod id_token;
mod mint;
mod refresh;
mod reuse;

use std::sync::Arc;

use super::{
    Provider,
    client::Client,
    client_authentication::Credentials,
    dpop::Place,
    failure::{Fault, OidcFailure},
    metadata::GrantType,
    params::Params,
};
use crate::gate::{Denied, Permit, Visit, failure::GateFailure};

pub use failure::TokenFailure;
pub use mint::Tokens;

/// A request of a client to us, as it came in.
pub struct Call<'a> {
    /// The Authorization header.
    pub authorization: Option<&'a str>,
    /// The form.
    pub form: &'a [u8],
    /// The `DPoP` header (RFC 9449); empty when there were several.
    pub dpop: Option<&'a str>,
}

impl Provider {
    /// `POST /oauth2/token`.
    ///
    /// # Errors
    /// A [`Fault`] to be written as RFC 6749 §5.2 says.
    pub async fn token(&self, call: Call<'_>) -> Result<Tokens, Fault> {
        let sent = call.dpop;
        let (params, client) = self.client_call(call).await?;
        self.keyring().fresh().await?;
        let grant = GrantType::of(params.required("grant_type")?).ok_or(OidcFailure::GrantTypeUnsupported)?;
        if !client.metadata.grant_types.allow(grant) {
            return Err(OidcFailure::GrantTypeNotAllowed.into());
        }
        let key = self.dpop_key(sent, Place::TOKEN, None).await?;
        match grant {
            GrantType::AuthorizationCode => self.redeem_code(&client, &params, key).await,
            GrantType::RefreshToken => self.refresh(&client, &params, key).await,
            GrantType::ClientCredentials => self.act_alone(&client, &params, key),
            GrantType::DeviceCode => self.redeem_device(&client, &params, key).await,
        }
    }

    /// The phases every client endpoint shares: parameters once each, then who calls.
    pub(super) async fn client_call(&self, call: Call<'_>) -> Result<(Params, Arc<Client>), Fault> {
        let params = Params::parse(call.form);
        params.unique()?;
        let credentials = Credentials::of(call.authorization, &params)?;
        let client = self.authenticate(&credentials).await?;
        Ok((params, client))
    }

    /// Asks the gate on behalf of a token request. A refusal is the grant's own answer; an outage says so and burns nothing.
    async fn admitted(&self, visit: Visit<'_>) -> Result<Permit, Fault> {
        match self.parts().gate.admit(visit).await {
            Ok(permit) => Ok(permit),
            // The session's row is gone with its user: final, not something to try again.
            Err(Denied::Failed(failure)) if failure.entry == GateFailure::SessionEnded.entry() => {
                Err(OidcFailure::NotAdmitted.because(failure.entry.number))
            }
            Err(Denied::Failed(failure)) => Err(failure.into()),
            Err(Denied::Refused(refusal)) => {
                let kind = match refusal.reason {
                    GateFailure::NotConfirmed => OidcFailure::NotConfirmed,
                    _ => OidcFailure::NotAdmitted,
                };
                Err(kind.because(format!("{} {}", refusal.reason.entry().number, refusal.reference)))
            }
        }
    }
}
