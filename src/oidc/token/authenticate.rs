//! Who calls: client authentication (RFC 6749 §2.3, OpenID Connect Core section 9).
//!
//! Only the method a client registered is taken. Unknown client, wrong secret and wrong method are one and the same answer.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use url::form_urlencoded;

use crate::{
    crypto::digest::{equal, sha256_base64url},
    kernel::secret::Secret,
    oidc::{
        Provider,
        client::{AuthMethod, Client},
        failure::{Fault, OidcFailure},
        params::Params,
    },
};

/// Compared against when there is nothing to compare with, so that an unknown client takes as long as a known one.
const NOBODYS_DIGEST: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// What a caller claims to be, and by which method.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Claimed `client_id`.
    pub client_id: String,
    /// Secret, unless the caller claims to be public.
    pub secret: Option<Secret<String>>,
    /// How it came.
    pub method: AuthMethod,
}

impl Credentials {
    /// From the header or the form.
    ///
    /// # Errors
    /// `OP-143` when both carry credentials; `OP-142` when neither names a client or the header is no Basic.
    pub fn of(authorization: Option<&str>, params: &Params) -> Result<Self, Fault> {
        let in_form = params.get("client_id");
        let secret = params.owned("client_secret").map(Secret::new);
        let Some(header) = authorization else {
            let client_id = in_form.ok_or_else(unauthenticated)?.to_owned();
            let method = if secret.is_some() {
                AuthMethod::ClientSecretPost
            } else {
                AuthMethod::None
            };
            return Ok(Self {
                client_id,
                secret,
                method,
            });
        };
        if secret.is_some() {
            return Err(OidcFailure::TwoAuthentications.into());
        }
        let basic = Self::basic(header).ok_or_else(unauthenticated)?;
        // RFC 6749 §3.2.1 lets a client name itself in the form besides; it must then be the same name.
        if in_form.is_some_and(|client_id| client_id != basic.client_id) {
            return Err(OidcFailure::TwoAuthentications.into());
        }
        Ok(basic)
    }

    /// RFC 6749 §2.3.1: both halves are form-url-encoded before they are joined and encoded in base64.
    fn basic(header: &str) -> Option<Self> {
        let (scheme, encoded) = header.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let decoded = Secret::new(STANDARD.decode(encoded.trim()).ok()?);
        let text = std::str::from_utf8(decoded.expose()).ok()?;
        let (client_id, secret) = text.split_once(':')?;
        Some(Self {
            client_id: form_decoded(client_id),
            secret: Some(Secret::new(form_decoded(secret))),
            method: AuthMethod::ClientSecretBasic,
        })
    }
}

fn unauthenticated() -> Fault {
    OidcFailure::ClientAuthentication.into()
}

/// One form-url-encoded word. `parse` splits at `&` and `=`, which an encoded word does not hold; a client that forgot to encode them
/// is met halfway by protecting them first.
fn form_decoded(word: &str) -> String {
    if !word.contains(['%', '+', '&', '=']) {
        return word.to_owned();
    }
    let protected = word.replace('&', "%26").replace('=', "%3D");
    form_urlencoded::parse(protected.as_bytes())
        .map(|(name, _)| name.into_owned())
        .next()
        .unwrap_or_default()
}

impl Provider {
    /// The client behind these credentials.
    ///
    /// # Errors
    /// `OP-142` unless it is registered with this method and, if confidential, this secret.
    pub(super) async fn authenticate(&self, credentials: &Credentials) -> Result<Arc<Client>, Fault> {
        let client = self.store().find_client(&credentials.client_id).await?;
        let stored = client.as_ref().and_then(|client| client.secret_digest.as_deref());
        let proven = match &credentials.secret {
            Some(secret) => {
                let digest = sha256_base64url(secret.expose().as_bytes());
                let same = equal(digest.as_bytes(), stored.unwrap_or(NOBODYS_DIGEST).as_bytes());
                same && stored.is_some()
            }
            None => credentials.method == AuthMethod::None,
        };
        client
            .filter(|client| proven && client.enabled && client.method == credentials.method)
            .ok_or_else(unauthenticated)
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::STANDARD};

    use super::{AuthMethod, Credentials, Params};

    fn header(text: &str) -> String {
        format!("bAsIc {}", STANDARD.encode(text))
    }

    #[test]
    fn both_halves_of_basic_are_form_decoded() {
        let sent = header("my%20app%3A1:p%2Bs+s%25%3A:x");
        let credentials = Credentials::of(Some(&sent), &Params::parse(b"")).unwrap();
        assert_eq!(credentials.client_id, "my app:1");
        assert_eq!(credentials.secret.unwrap().expose(), "p+s s%::x");
        assert_eq!(credentials.method, AuthMethod::ClientSecretBasic);
    }

    #[test]
    fn an_unencoded_secret_survives_where_it_can() {
        let sent = header("app:a=b&c");
        let credentials = Credentials::of(Some(&sent), &Params::parse(b"client_id=app")).unwrap();
        assert_eq!(credentials.secret.unwrap().expose(), "a=b&c");
    }

    #[test]
    fn two_ways_at_once_are_refused() {
        let sent = header("app:secret");
        for form in ["client_secret=secret", "client_id=other"] {
            let fault = Credentials::of(Some(&sent), &Params::parse(form.as_bytes())).unwrap_err();
            assert_eq!(fault.failure.entry.number, "OP-143", "{form}");
        }
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
        assert_eq!(credentials.method, AuthMethod::None);
    }
}
