//! Authenticates a client by the method it registered; a secret may be sent in the header or the form unless the registration is strict.

use std::sync::Arc;

use crate::oidc::client_authentication::credentials::Credentials;
use crate::oidc::client_authentication::credentials::unauthenticated;
use crate::oidc::client_authentication::failure::AuthenticationFailure;
use crate::oidc::{
    client::{AuthMethod, Client},
    failure::Fault,
    provider::Provider,
    security_profile,
};
use crate::web::context;

impl Provider {
    /// The client behind these credentials.
    ///
    /// # Errors
    /// `OP-142` unless its registration takes this method and it proves itself by it; `OP-201` to `OP-209` and `OP-211` for an invalid
    /// assertion; `OP-210` when the client's profile does not allow the method.
    pub(in crate::oidc) async fn authenticate(&self, credentials: &Credentials) -> Result<Arc<Client>, Fault> {
        let client = self.store().find_client(credentials.client_id()).await?;
        client.iter().for_each(|client| context::portal(&client.client_id));
        let client = match credentials {
            Credentials::Secret(shown) => {
                let proven = shown.proves(client.as_deref());
                client.filter(|client| proven && client.takes_secret_by(shown.method))
            }
            Credentials::Public(_) => client.filter(|client| client.method == AuthMethod::None),
            Credentials::Assertion(assertion) => match client.filter(|client| client.enabled) {
                Some(client) => {
                    self.verify_assertion(&client, assertion).await?;
                    Some(client)
                }
                None => None,
            },
        };
        let client = client.filter(|client| client.enabled).ok_or_else(unauthenticated)?;
        if !security_profile::of(&client).methods.contains(&client.method) {
            return Err(AuthenticationFailure::MethodNotInProfile.into());
        }
        Ok(client)
    }
}
