//! Resolves an authorization request to its parameters: plain, pushed (RFC 9126) or in a request object (RFC 9101).

use std::sync::Arc;

use super::pushed_request;
use crate::oidc::authorize::resolve::failure::RequestFailure;
use crate::oidc::authorize::resolve::resolved::ResolvedRequest;
use crate::oidc::{
    client::Client,
    failure::{Fault, OidcFailure},
    params::Params,
    provider::Provider,
};

impl Provider {
    /// The parameters of a request to the authorization endpoint. A `request_uri` we did not issue stays in them, and the checks refuse it.
    ///
    /// # Errors
    /// When a pushed or signed request is invalid. None of its parameters may be trusted then.
    pub(in crate::oidc) async fn resolve_request(&self, params: &Params) -> Result<ResolvedRequest, Fault> {
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
        // Checked before its keys are fetched from its `jwks_uri`.
        let client = client.filter(|client| client.enabled);
        client.ok_or_else(|| OidcFailure::ClientUnknown.into())
    }
}
