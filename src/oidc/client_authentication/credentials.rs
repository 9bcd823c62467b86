//! Credentials a client sent: secret, assertion or only its id. Pure.

use super::client_assertion::Assertion;
use crate::oidc::client_authentication::client_secret::PresentedSecret;

use crate::{
    kernel::secret::Secret,
    oidc::{
        client::AuthMethod,
        failure::{Fault, OidcFailure},
        params::Params,
    },
};

/// Parameters that carry credentials and are no part of the request.
pub const PROOFS: [&str; 3] = ["client_secret", "client_assertion", "client_assertion_type"];

/// The client a caller claims to be, and the proof it sent.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// By a secret.
    Secret(PresentedSecret),
    /// By a JWT.
    Assertion(Assertion),
    /// Not at all: a public client.
    Public(String),
}

impl Credentials {
    /// From the header or the form.
    ///
    /// # Errors
    /// `OP-143` when the caller proves itself in two ways; `OP-142` when none names a client or the header is no Basic; `OP-200` and
    /// `OP-201` for assertions that are none.
    pub fn of(authorization: Option<&str>, params: &Params) -> Result<Self, Fault> {
        let in_form = params.get("client_id");
        let secret = params.owned("client_secret").map(Secret::new);
        let assertion = params.get("client_assertion").or(params.get("client_assertion_type"));
        let ways = [authorization.is_some(), secret.is_some(), assertion.is_some()];
        if ways.into_iter().filter(|way| *way).count() > 1 {
            return Err(OidcFailure::TwoAuthentications.into());
        }
        if assertion.is_some() {
            return Ok(Self::Assertion(Assertion::of(params)?));
        }
        let Some(header) = authorization else {
            let client_id = in_form.ok_or_else(unauthenticated)?.to_owned();
            return Ok(match secret {
                None => Self::Public(client_id),
                Some(secret) => Self::Secret(PresentedSecret {
                    client_id,
                    secret,
                    raw: None,
                    method: AuthMethod::ClientSecretPost,
                }),
            });
        };
        let basic = PresentedSecret::basic(header).ok_or_else(unauthenticated)?;
        // RFC 6749 §3.2.1 lets a client name itself in the form besides; it must then be the same name.
        if in_form.is_some_and(|client_id| client_id != basic.client_id) {
            return Err(OidcFailure::TwoAuthentications.into());
        }
        Ok(Self::Secret(basic))
    }

    /// The claimed `client_id`.
    pub fn client_id(&self) -> &str {
        match self {
            Self::Secret(shown) => &shown.client_id,
            Self::Assertion(assertion) => &assertion.client_id,
            Self::Public(client_id) => client_id,
        }
    }
}

pub(in crate::oidc) fn unauthenticated() -> Fault {
    OidcFailure::ClientAuthentication.into()
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::STANDARD};

    use super::Credentials;
    use crate::oidc::{client::AuthMethod, client_authentication::client_secret::PresentedSecret, params::Params};

    fn header(text: &str) -> String {
        format!("bAsIc {}", STANDARD.encode(text))
    }

    fn basic(sent: &str, form: &str) -> PresentedSecret {
        match Credentials::of(Some(sent), &Params::parse(form.as_bytes())).unwrap() {
            Credentials::Secret(shown) => shown,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn both_halves_of_basic_are_form_decoded() {
        let shown = basic(&header("my%20app%3A1:p%2Bs+s%25%3A:x"), "");
        assert_eq!(shown.client_id, "my app:1");
        assert_eq!(shown.secret.expose(), "p+s s%::x");
        assert_eq!(shown.method, AuthMethod::ClientSecretBasic);
    }

    #[test]
    fn an_unencoded_secret_survives_where_it_can() {
        let shown = basic(&header("app:a=b&c"), "client_id=app");
        assert_eq!(shown.secret.expose(), "a=b&c");
    }

    #[test]
    fn two_ways_at_once_are_refused() {
        let sent = header("app:secret");
        for form in ["client_secret=secret", "client_id=other", "client_assertion=a.b.c"] {
            let fault = Credentials::of(Some(&sent), &Params::parse(form.as_bytes())).unwrap_err();
            assert_eq!(fault.failure.entry.number, "OP-143", "{form}");
        }
        let form = Params::parse(b"client_secret=secret&client_assertion=a.b.c");
        assert_eq!(Credentials::of(None, &form).unwrap_err().failure.entry.number, "OP-143");
    }

    #[test]
    fn nonsense_is_an_unauthenticated_client() {
        for sent in ["", "Basic", "Basic ???", "Bearer abc", "Basic YQ=="] {
            let fault = Credentials::of(Some(sent), &Params::parse(b"")).unwrap_err();
            assert_eq!(fault.error, "invalid_client", "{sent}");
        }
        assert!(Credentials::of(None, &Params::parse(b"grant_type=x")).is_err());
    }

    #[test]
    fn without_a_secret_the_caller_claims_to_be_public() {
        let credentials = Credentials::of(None, &Params::parse(b"client_id=spa&client_secret=")).unwrap();
        assert!(matches!(credentials, Credentials::Public(client_id) if client_id == "spa"));
    }
}
