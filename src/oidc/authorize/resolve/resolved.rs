//! A resolved authorization request: its parameters, and whether they were pushed (PAR) or signed (JAR). Pure.

use crate::oidc::authorize::resolve::failure::RequestFailure;
use crate::oidc::{client::Client, failure::Fault, params::Params, security_profile};

/// The parameters of a request, and how they were sent.
#[derive(Clone, Debug)]
pub struct ResolvedRequest {
    /// The parameters.
    pub params: Params,
    /// They came through PAR.
    pub pushed: bool,
    /// They came in a signed request object.
    pub signed: bool,
    /// Key of the pushed request, which is consumed when the code is issued.
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

    /// Checks that the client may send its request this way.
    ///
    /// # Errors
    /// `OP-225` and `OP-237` when its registration or profile requires another.
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
