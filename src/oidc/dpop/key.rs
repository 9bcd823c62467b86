//! The public key (JWK) of a DPoP proof and its thumbprint (RFC 7638); refuses private, unfit and weak keys. Pure.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::DecodingKey;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::failure::DpopFailure;
use crate::oidc::{client_keys::jwt::ClientAlg, jwk_thumbprint::thumbprint};

/// Members that only private or shared keys have (RFC 7518 §6.2.2, §6.3.2, §6.4; RFC 8037 §2).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
/// RSA moduli we verify with, bytes: 2048 to 4096 bits, since verifying grows with them and anybody may send one.
const MODULUS: std::ops::RangeInclusive<usize> = 256..=512;
/// Longest RSA exponent, bytes: 65537 needs three.
const LONGEST_EXPONENT: usize = 4;
/// A coordinate of P-256 and a public key of Ed25519, bytes.
const POINT: std::ops::RangeInclusive<usize> = 32..=32;

/// The algorithms proofs may be signed with, by their JOSE names; published in the discovery document.
pub const ALGORITHMS: [&str; 4] = [
    ClientAlg::Es256.word(),
    ClientAlg::Ps256.word(),
    ClientAlg::Rs256.word(),
    ClientAlg::EdDsa.word(),
];

/// The SHA-256 thumbprint of a public key, unpadded base64url (RFC 7638 §3, RFC 9449 §6.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Thumbprint(String);

impl Thumbprint {
    fn computed(members: &[(&str, &str)]) -> Self {
        Self(thumbprint(members))
    }

    /// Parses a thumbprint as sent; `None` when it cannot be one.
    pub fn of(text: &str) -> Option<Self> {
        let decoded = URL_SAFE_NO_PAD.decode(text).ok()?;
        (decoded.len() == 32).then(|| Self(text.to_owned()))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A public key that can verify, and its thumbprint.
pub(super) struct PublicKey {
    pub(super) verifying: DecodingKey,
    pub(super) thumbprint: Thumbprint,
}

impl PublicKey {
    /// From the `jwk` of a header, for this algorithm.
    ///
    /// # Errors
    /// `OP-253` when it has private parts, is of another kind or for another use than the algorithm needs, or has a size we do not accept.
    pub(super) fn of(jwk: &Map<String, Value>, algorithm: ClientAlg) -> Result<Self, DpopFailure> {
        if PRIVATE.iter().any(|name| jwk.contains_key(*name)) || !algorithm.fits(jwk) {
            return Err(DpopFailure::ProofKey);
        }
        let read = match algorithm {
            ClientAlg::Es256 => Self::p256(jwk),
            ClientAlg::EdDsa => Self::ed25519(jwk),
            ClientAlg::Rs256 | ClientAlg::Ps256 => Self::rsa(jwk),
            ClientAlg::Hs256 => None,
        };
        read.ok_or(DpopFailure::ProofKey)
    }

    fn p256(jwk: &Map<String, Value>) -> Option<Self> {
        let (x, y) = (number(jwk, "x", POINT)?, number(jwk, "y", POINT)?);
        Some(Self {
            verifying: DecodingKey::from_ec_components(x, y).ok()?,
            thumbprint: Thumbprint::computed(&[("crv", "P-256"), ("kty", "EC"), ("x", x), ("y", y)]),
        })
    }

    fn ed25519(jwk: &Map<String, Value>) -> Option<Self> {
        let x = number(jwk, "x", POINT)?;
        Some(Self {
            verifying: DecodingKey::from_ed_components(x).ok()?,
            thumbprint: Thumbprint::computed(&[("crv", "Ed25519"), ("kty", "OKP"), ("x", x)]),
        })
    }

    fn rsa(jwk: &Map<String, Value>) -> Option<Self> {
        let (n, e) = (number(jwk, "n", MODULUS)?, number(jwk, "e", 1..=LONGEST_EXPONENT)?);
        Some(Self {
            verifying: DecodingKey::from_rsa_components(n, e).ok()?,
            thumbprint: Thumbprint::computed(&[("e", e), ("kty", "RSA"), ("n", n)]),
        })
    }
}

/// A member of the JWK that is unpadded base64url of so many bytes.
fn number<'a>(jwk: &'a Map<String, Value>, name: &str, bytes: std::ops::RangeInclusive<usize>) -> Option<&'a str> {
    let text = jwk.get(name)?.as_str()?;
    let decoded = URL_SAFE_NO_PAD.decode(text).ok()?;
    bytes.contains(&decoded.len()).then_some(text)
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::{PublicKey, Thumbprint};
    use crate::oidc::client_keys::jwt::ClientAlg;

    fn jwk(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    /// RFC 9449 §4.1 and §6.1: the key of the examples and its thumbprint.
    #[test]
    fn the_thumbprint_of_the_rfc() {
        let key = jwk(json!({
            "kty": "EC",
            "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
            "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
            "crv": "P-256",
        }));
        let read = PublicKey::of(&key, ClientAlg::Es256).ok().unwrap();
        assert_eq!(read.thumbprint.as_str(), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
        assert_eq!(Thumbprint::of(read.thumbprint.as_str()), Some(read.thumbprint));
    }

    #[test]
    fn private_foreign_and_weak_keys_are_refused() {
        let x = "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs";
        let y = "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA";
        for (key, algorithm) in [
            (
                json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y, "d": "AA" }),
                ClientAlg::Es256,
            ),
            (json!({ "kty": "EC", "crv": "P-384", "x": x, "y": y }), ClientAlg::Es256),
            (json!({ "kty": "EC", "crv": "P-256", "x": x }), ClientAlg::Es256),
            (
                json!({ "kty": "EC", "crv": "P-256", "x": x, "y": format!("{y}=") }),
                ClientAlg::Es256,
            ),
            (json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y }), ClientAlg::Rs256),
            (json!({ "kty": "oct", "k": "AA" }), ClientAlg::Es256),
            (json!({ "kty": "oct" }), ClientAlg::Hs256),
            (
                json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y, "use": "enc" }),
                ClientAlg::Es256,
            ),
            (
                json!({ "kty": "RSA", "e": "AQAB", "n": "A".repeat(170) }),
                ClientAlg::Rs256,
            ),
            (
                json!({ "kty": "RSA", "e": "AQAB", "n": "A".repeat(2000) }),
                ClientAlg::Ps256,
            ),
            (
                json!({ "kty": "RSA", "e": "AQAB", "n": "A".repeat(342), "p": "AA" }),
                ClientAlg::Ps256,
            ),
            (json!({ "kty": "OKP", "crv": "X25519", "x": x }), ClientAlg::EdDsa),
            (json!({ "kty": 1 }), ClientAlg::EdDsa),
        ] {
            assert!(PublicKey::of(&jwk(key.clone()), algorithm).is_err(), "{key}");
        }
    }

    #[test]
    fn a_thumbprint_is_43_characters_of_base64url() {
        for text in ["", "abc", &"A".repeat(44), &"+".repeat(43)] {
            assert!(Thumbprint::of(text).is_none(), "{text}");
        }
    }
}
