//! How an authorization request arrived: plain, pushed beforehand (RFC 9126) or signed (RFC 9101). Whatever the way, what leaves here are
//! [`Params`], and the rest of the endpoint need not know.
//!
//! Where parameters come from a pushed or signed request they come from nowhere else: what else stands in the address is not looked at.

mod failure;
mod pushed_request;
mod request_object;

use std::sync::Arc;

pub use failure::RequestFailure;

use crate::oidc::{
    Provider,
    client::Client,
    failure::{Fault, OidcFailure},
    params::Params,
    security_profile,
};

/// What was asked, and how it came.
#[derive(Clone, Debug)]
pub struct ResolvedRequest {
    /// The parameters.
    pub params: Params,
    /// They came through PAR.
    pub pushed: bool,
    /// They came in a signed request object.
    pub signed: bool,
    /// The pushed request that ends with the code.
    pub ticket: Option<String>,
}

impl ResolvedRequest {
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
    pub fn check_conveyance(&self, client: &Client) -> Result<(), Fault> {
        if security_profile::requires_pushed(client) && !self.pushed {
            return Err(RequestFailure::PushRequired.into());
        }
        if client.metadata.require_signed_request_object && !self.signed {
            return Err(RequestFailure::ObjectRequired.into());
        }
        Ok(())
    }
}

impl Provider {
    /// What a request to the authorization endpoint asks. A `request_uri` that is not one of ours stays where it is, and the checks refuse it.
    ///
    /// # Errors
    /// What is wrong with a pushed or signed request. Nothing it says may be believed then.
    pub(super) async fn resolve_request(&self, params: &Params) -> Result<ResolvedRequest, Fault> {
        params.unique_among(&["client_id", "request", "request_uri"])?;
        match (params.get("request_uri"), params.get("request")) {
            (Some(_), Some(_)) => Err(RequestFailure::TwoRequests.into()),
            (Some(address), None) if pushed_request::is_ours(address) => {
                let client = self.named(params).await?;
                self.load_pushed_request(&client, address).await
            }
            (None, Some(object)) => {
                let client = self.named(params).await?;
                let params = self.verify_request_object(&client, object).await?;
                Ok(ResolvedRequest {
                    signed: true,
                    ..ResolvedRequest::plainly(params)
                })
            }
            _ => Ok(ResolvedRequest::plainly(params.clone())),
        }
    }

    async fn named(&self, params: &Params) -> Result<Arc<Client>, Fault> {
        let client_id = params.get("client_id").ok_or(OidcFailure::ClientUnknown)?;
        let client = self.store().find_client(client_id).await?;
        // Before its keys are fetched from anywhere.
        let client = client.filter(|client| client.enabled);
        client.ok_or_else(|| OidcFailure::ClientUnknown.into())
    }
}
