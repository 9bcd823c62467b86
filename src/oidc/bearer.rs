//! Access tokens presented to our own endpoints, as Bearer (RFC 6750 §2) or DPoP (RFC 9449 §7.1): extraction from the request, and the
//! check that the sender may use them.

use std::sync::Arc;

use super::{
    client::Client,
    dpop::{failure::DpopFailure, proof_target::ProofTarget},
    failure::{Fault, OidcFailure},
    params::Params,
    provider::Provider,
    scope,
    store::model::GrantState,
    token::{access_token::AccessClaims, failure::TokenFailure},
};

/// The authentication scheme a token was sent under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Bearer token: needs no proof (RFC 6750).
    Bearer,
    /// Sent with a DPoP proof of the key it is bound to.
    Dpop,
}

impl Scheme {
    /// The scheme of an Authorization header that carries an access token; schemes are compared without case.
    pub fn of(authorization: &str) -> Option<(Self, &str)> {
        let (word, token) = authorization.split_once(' ')?;
        let scheme = match () {
            () if word.eq_ignore_ascii_case("bearer") => Self::Bearer,
            () if word.eq_ignore_ascii_case("dpop") => Self::Dpop,
            () => return None,
        };
        Some((scheme, token.trim()))
    }
}

/// A presented access token, with all that is needed to check its DPoP binding.
#[derive(Clone, Debug)]
pub struct BearerCredentials<'a> {
    /// The token.
    pub token: String,
    /// The scheme it was sent under.
    pub scheme: Scheme,
    /// Method and path of the request it came with.
    pub place: ProofTarget<'a>,
    /// The `DPoP` header.
    pub proof: Option<&'a str>,
}

impl<'a> BearerCredentials<'a> {
    /// The access token of a request: header, or form field (RFC 6750 §2.1 and §2.2). Never the query, where it would be logged.
    ///
    /// # Errors
    /// `OP-160` when there is none, `OP-162` when there are two.
    pub fn of(
        authorization: Option<&str>,
        form: Option<&[u8]>,
        place: ProofTarget<'a>,
        proof: Option<&'a str>,
    ) -> Result<Self, Fault> {
        let in_form = match form.map(Params::parse) {
            Some(params) => {
                params.unique_among(&["access_token"])?;
                params.owned("access_token")
            }
            None => None,
        };
        let in_header = authorization.and_then(Scheme::of);
        let (scheme, token) = match (in_header, in_form) {
            (Some(_), Some(_)) => return Err(OidcFailure::TokenTwice.into()),
            (Some((scheme, token)), None) => (scheme, token.to_owned()),
            (None, Some(token)) => (Scheme::Bearer, token),
            (None, None) => return Err(OidcFailure::TokenMissing.into()),
        };
        Ok(Self {
            token,
            scheme,
            place,
            proof,
        })
    }
}

/// A bearer token; method and path stay empty, because only a DPoP proof is checked against them.
impl From<&str> for BearerCredentials<'_> {
    fn from(token: &str) -> Self {
        Self {
            token: token.to_owned(),
            scheme: Scheme::Bearer,
            place: ProofTarget { method: "", path: "" },
            proof: None,
        }
    }
}

impl Provider {
    /// Checks an access token for userinfo and returns its claims and grant state: signed by us, unexpired, with our issuer as audience,
    /// sent with the right DPoP key, of a person, with the scope `openid`.
    ///
    /// # Errors
    /// `OP-161` for a token that is invalid now or is for another server, `OP-261` and `OP-262` where the DPoP binding is not kept,
    /// `OP-275` where its scope does not suffice; as [`Provider::dpop_key`].
    pub(super) async fn authorize_token(
        &self,
        credentials: &BearerCredentials<'_>,
    ) -> Result<(AccessClaims, Arc<GrantState>), Fault> {
        let claims = self.verify_access_token(&credentials.token).await?;
        let claims = claims.ok_or(OidcFailure::TokenInvalid)?;
        if !claims.aud.names(self.issuer()) {
            return Err(OidcFailure::TokenInvalid.because("aud"));
        }
        match (credentials.scheme, &claims.cnf) {
            (Scheme::Bearer, Some(_)) => return Err(DpopFailure::BoundAsBearer.into()),
            (Scheme::Dpop, None) => return Err(DpopFailure::BoundElsewhere.into()),
            _ => {}
        }
        if claims.gid.is_none() || !scope::contains(&claims.scope, "openid") {
            return Err(TokenFailure::ScopeInsufficient.into());
        }
        let grant_state = self.grant_state_of(&claims).await?.ok_or(OidcFailure::TokenInvalid)?;
        // Last, so that the `jti` of a DPoP proof is stored only for holders of a valid token.
        self.check_dpop_binding(credentials, &claims, &grant_state.client)
            .await?;
        Ok((claims, grant_state))
    }

    async fn check_dpop_binding(
        &self,
        credentials: &BearerCredentials<'_>,
        claims: &AccessClaims,
        client: &Client,
    ) -> Result<(), Fault> {
        let Some(bound) = &claims.cnf else { return Ok(()) };
        let proven = self
            .dpop_key(client, credentials.proof, credentials.place, Some(&credentials.token))
            .await?
            .ok_or(DpopFailure::ProofMissing)?;
        if proven == bound.jkt {
            Ok(())
        } else {
            Err(DpopFailure::BoundElsewhere.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BearerCredentials, Scheme};
    use crate::oidc::{dpop::proof_target::ProofTarget, failure::Fault};

    fn of(header: Option<&str>, form: Option<&[u8]>) -> Result<(Scheme, String), Fault> {
        let credentials = BearerCredentials::of(header, form, ProofTarget::post("/x"), None)?;
        Ok((credentials.scheme, credentials.token))
    }

    #[test]
    fn one_token_in_one_place() {
        let bearer = (Scheme::Bearer, "abc".to_owned());
        assert_eq!(of(Some("bEaReR abc"), None).unwrap(), bearer);
        assert_eq!(of(Some("dpop abc"), None).unwrap(), (Scheme::Dpop, "abc".to_owned()));
        assert_eq!(of(None, Some(b"access_token=abc")).unwrap(), bearer);
        for header in ["Bearer abc", "DPoP abc"] {
            let twice = of(Some(header), Some(b"access_token=abc")).unwrap_err();
            assert_eq!(twice.failure.entry.number, "OP-162");
        }
        for header in [None, Some("Basic abc"), Some("Bearer")] {
            assert_eq!(of(header, Some(b"x=1")).unwrap_err().failure.entry.number, "OP-160");
        }
    }
}
