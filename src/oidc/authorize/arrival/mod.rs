//! How an authorization request arrived: plain, pushed beforehand (RFC 9126) or signed (RFC 9101). Whatever the way, what leaves here are
//! [`Params`], and the rest of the endpoint need not know.
//!
//! Where parameters come from a pushed or signed request they come from nowhere else: what else stands in the address is not looked at.

mod failure;
mod object;
mod pushed;

use std::sync::Arc;

pub use failure::ArrivalFailure;

use crate::oidc::{
    Provider,
    client::Client,
    failure::{Fault, OidcFailure},
    params::Params,
    profile,
};

/// What was asked, and how it came.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The parameters.
    pub params: Params,
    /// They came through PAR.
    pub pushed: bool,
    /// They came in a signed request object.
    pub signed: bool,
    /// The pushed request that ends with the code.
    pub ticket: Option<String>,
}

impl Asked {
    const fn plainly(params: Params) -> Self {
        Self {
            params,
            pushed: false,
            signed: false,
            ticket: None,
        }
    }

    /// Whether the client may ask this way.
    ///
    /// # Errors
    /// `OP-225` and `OP-237` when its registration or profile demands another.
    pub fn came_as_registered(&self, client: &Client) -> Result<(), Fault> {
        if profile::requires_pushed(client) && !self.pushed {
            return Err(ArrivalFailure::PushRequired.into());
        }
        if client.metadata.require_signed_request_object && !self.signed {
            return Err(ArrivalFailure::ObjectRequired.into());
        }
        Ok(())
    }
}

impl Provider {
    /// What a request to the authorization endpoint asks. A `request_uri` that is not one of ours stays where it is, and the checks refuse it.
    ///
    /// # Errors
    /// What is wrong with a pushed or signed request. Nothing it says may be believed then.
    pub(super) async fn arrived(&self, params: &Params) -> Result<Asked, Fault> {
        params.unique_among(&["client_id", "request", "request_uri"])?;
        match (params.get("request_uri"), params.get("request")) {
            (Some(_), Some(_)) => Err(ArrivalFailure::TwoRequests.into()),
            (Some(address), None) if pushed::is_ours(address) => {
                let client = self.named(params).await?;
                self.pulled(&client, address).await
            }
            (None, Some(object)) => {
                let client = self.named(params).await?;
                let params = self.opened(&client, object).await?;
                Ok(Asked {
                    signed: true,
                    ..Asked::plainly(params)
                })
            }
            _ => Ok(Asked::plainly(params.clone())),
        }
    }

    async fn named(&self, params: &Params) -> Result<Arc<Client>, Fault> {
        let client_id = params.get("client_id").ok_or(OidcFailure::ClientUnknown)?;
        let client = self.store().find_client(client_id).await?;
        client.ok_or_else(|| OidcFailure::ClientUnknown.into())
    }
}
