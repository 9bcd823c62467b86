//! An access token that somebody presents to us: how it came (RFC 6750 §2, RFC 9449 §7.1), and whether whoever sent it may use it.

use std::sync::Arc;

use super::{
    dpop::{failure::DpopFailure, place::Place},
    failure::{Fault, OidcFailure},
    params::Params,
    provider::Provider,
    scope,
    store::model::GrantState,
    token::{access::AccessClaims, failure::TokenFailure},
};

/// How a token came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Whoever bears it may use it.
    Bearer,
    /// With a proof of the key it is bound to.
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

/// A token on its way in.
#[derive(Clone, Debug)]
pub struct BearerCredentials<'a> {
    /// The token.
    pub token: String,
    /// How it came.
    pub scheme: Scheme,
    /// Where it came in.
    pub place: Place<'a>,
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
        place: Place<'a>,
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

/// A token that came as a bearer token, to an endpoint that does not matter then.
impl From<&str> for BearerCredentials<'_> {
    fn from(token: &str) -> Self {
        Self {
            token: token.to_owned(),
            scheme: Scheme::Bearer,
            place: Place { method: "", path: "" },
            proof: None,
        }
    }
}

impl Provider {
    /// What a token for userinfo says and stands on: signed by us, unexpired, for us, in the right hands, of a person, with `openid`.
    ///
    /// # Errors
    /// `OP-161` for a token that is worth nothing now or is for another server, `OP-261` and `OP-262` in the wrong hands, `OP-275` where
    /// it does not reach that far; as [`Provider::dpop_key`].
    pub(super) async fn authorize_token(
        &self,
        credentials: &BearerCredentials<'_>,
    ) -> Result<(AccessClaims, Arc<GrantState>), Fault> {
        let claims = self.signed_by_us(&credentials.token).await?;
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
        // Last, so that only who holds a living token makes us remember a proof.
        self.in_right_hands(credentials, &claims).await?;
        Ok((claims, grant_state))
    }

    async fn in_right_hands(&self, credentials: &BearerCredentials<'_>, claims: &AccessClaims) -> Result<(), Fault> {
        let Some(bound) = &claims.cnf else { return Ok(()) };
        let proven = self
            .dpop_key(credentials.proof, credentials.place, Some(&credentials.token))
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
    use crate::oidc::{dpop::place::Place, failure::Fault};

    fn of(header: Option<&str>, form: Option<&[u8]>) -> Result<(Scheme, String), Fault> {
        let credentials = BearerCredentials::of(header, form, Place::post("/x"), None)?;
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
