//! Grant `client_credentials` (RFC 6749 §4.4): a client acts for itself. No person, so no permit, no ID token, no refresh token, no row.
//!
//! Kept lean on purpose: the lookup that authenticated the client and one signature.

use super::{constraints::Constraints, mint::Tokens};
use crate::oidc::{
    client::{AuthMethod, Client},
    dpop::key::Thumbprint,
    failure::Fault,
    params::Params,
    provider::Provider,
    resource, scope,
    terms::GrantTerms,
    token::failure::TokenFailure,
};

impl Provider {
    /// # Errors
    /// `OP-273` for a public client, `OP-274` when nothing asked for can be granted; as [`Constraints::of`].
    pub(super) fn client_credentials(
        &self,
        client: &Client,
        params: &Params,
        key: Option<Thumbprint>,
    ) -> Result<Tokens, Fault> {
        if client.method == AuthMethod::None {
            return Err(TokenFailure::ClientNotConfidential.into());
        }
        let asked = params.get("scope");
        let scope = scope::client_credentials_scope(asked, &client.metadata.api_scopes);
        if asked.is_some() && scope.is_empty() {
            return Err(TokenFailure::ScopeUnavailable.into());
        }
        // Nothing was agreed earlier: this request is the authorization request too.
        let terms = GrantTerms {
            resources: resource::asked(params, client)?,
            ..GrantTerms::default()
        };
        let constraints = Constraints::of(client, &terms, params, key)?;
        self.mint_for_client(client, scope, &constraints)
    }
}
