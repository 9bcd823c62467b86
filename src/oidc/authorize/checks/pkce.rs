//! Check of PKCE: guarantees an S256 challenge wherever one is sent or needed (RFC 7636 §4.3 and §4.4.1).

use super::draft::Draft;
use crate::oidc::security_profile::requires_pkce;
use crate::oidc::{
    client::Client,
    failure::{Fault, OidcFailure},
    params::Params,
    pkce::is_challenge,
};

pub(super) fn challenge(params: &Params, client: &Client, draft: &mut Draft) -> Result<(), Fault> {
    let method = params.get("code_challenge_method");
    let Some(challenge) = params.get("code_challenge") else {
        // A method without a challenge: the challenge was lost in transit.
        if requires_pkce(client) || method.is_some() {
            return Err(OidcFailure::PkceRequired.into());
        }
        return Ok(());
    };
    if method != Some("S256") {
        return Err(OidcFailure::PkceMethod.into());
    }
    if !is_challenge(challenge) {
        return Err(OidcFailure::PkceMalformed.into());
    }
    draft.challenge = Some(challenge.to_owned());
    Ok(())
}
