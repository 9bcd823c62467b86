//! Userinfo (OpenID Connect Core 5.3): what the scope of an access token, the claims asked for by name and the
//! rules of the portal let it know about the person.

use serde_json::{Map, Value};

use super::{
    Provider,
    claims::{Place, tell::About},
    client::Client,
    failure::{Fault, OidcFailure},
    keys::Alg,
    params::Params,
    scope,
};

/// The access token of a request: header, or form field (RFC 6750 §2.1 and §2.2). Never the query, where it would be logged.
///
/// # Errors
/// `OP-160` when there is none, `OP-162` when there are two.
pub fn bearer(authorization: Option<&str>, form: Option<&[u8]>) -> Result<String, Fault> {
    let in_form = match form.map(Params::parse) {
        Some(params) => {
            params.unique_among(&["access_token"])?;
            params.owned("access_token")
        }
        None => None,
    };
    let in_header = authorization
        .and_then(|header| header.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim().to_owned());
    match (in_header, in_form) {
        (Some(_), Some(_)) => Err(OidcFailure::TokenTwice.into()),
        (Some(token), None) | (None, Some(token)) => Ok(token),
        (None, None) => Err(OidcFailure::TokenMissing.into()),
    }
}

/// What userinfo answers.
#[derive(Debug)]
pub enum Userinfo {
    /// JSON.
    Plain(Map<String, Value>),
    /// A JWT, for clients that registered an algorithm.
    Signed(String),
}

impl Provider {
    /// `GET` or `POST /oauth2/userinfo`.
    ///
    /// # Errors
    /// `OP-161` for every token that is not worth anything now.
    pub async fn userinfo(&self, token: &str) -> Result<Userinfo, Fault> {
        let unfolded = self.unfold(token).await?;
        let (claims, standing) = unfolded
            .filter(|(claims, _)| scope::contains(&claims.scope, "openid"))
            .ok_or(OidcFailure::TokenInvalid)?;
        let about = About {
            client: &standing.client,
            person: &standing.person,
            member: standing.member,
            scope: &claims.scope,
            terms: &standing.terms,
        };
        let mut told = self.claims_about(&about, Place::Userinfo).await?;
        told.insert("sub".to_owned(), claims.sub.into());
        match &standing.client.metadata.userinfo_signed_response_alg {
            None => Ok(Userinfo::Plain(told)),
            Some(alg) => self.signed(told, &standing.client, alg),
        }
    }

    /// With `iss` and `aud` as OpenID Connect Core 5.3.2 asks. Without `exp`, so that it cannot be taken for an ID token.
    fn signed(&self, mut told: Map<String, Value>, client: &Client, alg: &str) -> Result<Userinfo, Fault> {
        told.insert("iss".to_owned(), self.issuer().into());
        told.insert("aud".to_owned(), client.client_id.as_str().into());
        let alg = Alg::of(alg).ok_or(OidcFailure::KeyMissing)?;
        Ok(Userinfo::Signed(self.keyring().keys().active(alg)?.sign("JWT", &told)?))
    }
}

#[cfg(test)]
mod tests {
    use super::bearer;

    #[test]
    fn one_token_in_one_place() {
        assert_eq!(bearer(Some("bEaReR abc"), None).unwrap(), "abc");
        assert_eq!(bearer(None, Some(b"access_token=abc")).unwrap(), "abc");
        let twice = bearer(Some("Bearer abc"), Some(b"access_token=abc")).unwrap_err();
        assert_eq!(twice.failure.entry.number, "OP-162");
        for header in [None, Some("Basic abc"), Some("Bearer")] {
            assert_eq!(bearer(header, Some(b"x=1")).unwrap_err().failure.entry.number, "OP-160");
        }
    }
}
