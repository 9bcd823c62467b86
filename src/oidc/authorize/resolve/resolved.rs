//! An authorization request whose parameters are known, and how they were conveyed. Pure.

use crate::oidc::authorize::resolve::failure::RequestFailure;
use crate::oidc::{client::Client, failure::Fault, params::Params, security_profile};

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
    pub(in crate::oidc) const fn plainly(params: Params) -> Self {
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
