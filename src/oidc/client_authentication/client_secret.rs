//! Client authentication by secret: `client_secret_basic` (Authorization header) and `client_secret_post` (form) (RFC 6749 §2.3.1).

use base64::{Engine, engine::general_purpose::STANDARD};
use url::form_urlencoded;

use crate::{
    crypto::digest::{equal, sha256_base64url},
    kernel::secret::Secret,
    oidc::client::{AuthMethod, Client},
};

/// Compared against when there is nothing to compare with, so that an unknown client takes as long as a known one.
const NOBODYS_DIGEST: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A secret as sent, with the claimed client.
#[derive(Clone, Debug)]
pub struct PresentedSecret {
    /// Claimed `client_id`.
    pub client_id: String,
    /// The secret.
    pub secret: Secret<String>,
    /// The secret as it was sent, where decoding changed it: many clients do not encode it.
    pub raw: Option<Secret<String>>,
    /// The method it was sent by.
    pub method: AuthMethod,
}

impl PresentedSecret {
    /// From the header: both halves are form-url-encoded before they are joined and encoded in base64. A `client_id` of ours has no
    /// character that encoding changes, so only the secret is also kept as sent.
    pub fn basic(header: &str) -> Option<Self> {
        let (scheme, encoded) = header.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let decoded = Secret::new(STANDARD.decode(encoded.trim()).ok()?);
        let text = std::str::from_utf8(decoded.expose()).ok()?;
        let (client_id, secret) = text.split_once(':')?;
        let decoded = form_decoded(secret);
        Some(Self {
            client_id: form_decoded(client_id),
            raw: (decoded != secret).then(|| Secret::new(secret.to_owned())),
            secret: Secret::new(decoded),
            method: AuthMethod::ClientSecretBasic,
        })
    }

    /// Whether it is this client's secret. Takes as long when there is no such client.
    pub fn proves(&self, client: Option<&Client>) -> bool {
        let stored = client.and_then(|client| client.secret_digest.as_deref());
        let expected = stored.unwrap_or(NOBODYS_DIGEST).as_bytes();
        let fits = |secret: &Secret<String>| equal(sha256_base64url(secret.expose().as_bytes()).as_bytes(), expected);
        // Both are computed in any case, so that the time depends on what was sent alone.
        let decoded = fits(&self.secret);
        let raw = self.raw.as_ref().is_some_and(fits);
        (decoded || raw) && stored.is_some()
    }
}

/// One form-url-encoded word. `parse` splits at `&` and `=`, which an encoded word does not hold; a client that forgot to encode them
/// still works, because they are protected first.
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
