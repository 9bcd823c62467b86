//! Constraints of an access token besides its scope: audience (RFC 8707) and DPoP key binding (RFC 9449). One call per grant.

use crate::oidc::{
    client::{AuthMethod, Client},
    dpop::{failure::DpopFailure, key::Thumbprint},
    failure::Fault,
    params::Params,
    resource,
    terms::GrantTerms,
};

/// Audience and key of an access token.
#[derive(Clone, Debug, Default)]
pub struct Constraints {
    /// Resource servers it is for; empty: our own endpoints.
    pub resources: Vec<String>,
    /// The key it is bound to; none: whoever bears it may use it.
    pub key: Option<Thumbprint>,
}

impl Constraints {
    /// The constraints a token request asks for, checked against the terms of the grant. `key` is the one the request proved.
    ///
    /// # Errors
    /// `OP-250` when a key is needed and none was proven, `OP-260` when it is another one, `OP-270`…`OP-272` about resources.
    pub fn of(client: &Client, terms: &GrantTerms, params: &Params, key: Option<Thumbprint>) -> Result<Self, Fault> {
        let bound = terms.dpop_jkt.as_deref();
        match &key {
            None if bound.is_some() || client.needs_dpop() => return Err(DpopFailure::ProofMissing.into()),
            Some(key) if bound.is_some_and(|bound| bound != key.as_str()) => {
                return Err(DpopFailure::KeyMismatch.into());
            }
            _ => {}
        }
        Ok(Self {
            resources: resource::narrowed(&terms.resources, params, client)?,
            key,
        })
    }

    /// `DPoP` or `Bearer` (RFC 9449 §5, RFC 6750 §4).
    pub const fn token_type(&self) -> &'static str {
        if self.key.is_some() { "DPoP" } else { "Bearer" }
    }

    /// The terms to store with the grant. A public client proves nothing else when it refreshes, so its refresh tokens need this key from
    /// now on (RFC 9449 §5); a confidential client's do only if its code was bound, since it may change keys otherwise.
    pub fn terms_to_store(&self, client: &Client, mut terms: GrantTerms) -> GrantTerms {
        if client.method == AuthMethod::None {
            terms.dpop_jkt = self.key.as_ref().map(|key| key.as_str().to_owned());
        }
        terms
    }
}
