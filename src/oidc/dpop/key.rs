//! The public key (JWK) of a DPoP proof and its thumbprint (RFC 7638); refuses private, unfit and weak keys. Pure.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::failure::DpopFailure;
use crate::oidc::jwk_thumbprint::thumbprint;

/// Members that only private or shared keys have (RFC 7518 §6.2.2, §6.3.2, §6.4; RFC 8037 §2).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
/// RSA moduli we verify with, bytes: 2048 to 4096 bits, since verifying grows with them and anybody may send one.
const MODULUS: std::ops::RangeInclusive<usize> = 256..=512;
/// Longest RSA exponent, bytes: 65537 needs three.
const LONGEST_EXPONENT: usize = 4;
/// A coordinate of P-256 and a public key of Ed25519, bytes.
const POINT: std::ops::RangeInclusive<usize> = 32..=32;

/// The algorithms proofs may be signed with, by their JOSE names; published in the discovery document.
pub const ALGORITHMS: [&str; 4] = ["ES256", "PS256", "RS256", "EdDSA"];

/// From the JOSE name; symmetric ones and `none` are never accepted.
pub(super) fn algorithm(word: &str) -> Option<Algorithm> {
    match word {
        "ES256" => Some(Algorithm::ES256),
        "PS256" => Some(Algorithm::PS256),
        "RS256" => Some(Algorithm::RS256),
        "EdDSA" => Some(Algorithm::EdDSA),
        _ => None,
    }
}

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
    /// `OP-253` when it has private parts, is of another kind than the algorithm needs, or has a size we do not accept.
    pub(super) fn of(jwk: &Map<String, Value>, algorithm: Algorithm) -> Result<Self, DpopFailure> {
        if PRIVATE.iter().any(|name| jwk.contains_key(*name)) {
            return Err(DpopFailure::ProofKey);
        }
        let read = match algorithm {
            Algorithm::ES256 => Self::p256(jwk),
            Algorithm::EdDSA => Self::ed25519(jwk),
            _ => Self::rsa(jwk),
        };
        read.ok_or(DpopFailure::ProofKey)
    }

    fn p256(jwk: &Map<String, Value>) -> Option<Self> {
        is(jwk, "kty", "EC")?;
        is(jwk, "crv", "P-256")?;
        let (x, y) = (number(jwk, "x", POINT)?, number(jwk, "y", POINT)?);
        Some(Self {
            verifying: DecodingKey::from_ec_components(x, y).ok()?,
            thumbprint: Thumbprint::computed(&[("crv", "P-256"), ("kty", "EC"), ("x", x), ("y", y)]),
        })
    }

    fn ed25519(jwk: &Map<String, Value>) -> Option<Self> {
        is(jwk, "kty", "OKP")?;
        is(jwk, "crv", "Ed25519")?;
        let x = number(jwk, "x", POINT)?;
        Some(Self {
            verifying: DecodingKey::from_ed_components(x).ok()?,
            thumbprint: Thumbprint::computed(&[("crv", "Ed25519"), ("kty", "OKP"), ("x", x)]),
        })
    }

    fn rsa(jwk: &Map<String, Value>) -> Option<Self> {
        is(jwk, "kty", "RSA")?;
        let (n, e) = (number(jwk, "n", MODULUS)?, number(jwk, "e", 1..=LONGEST_EXPONENT)?);
        Some(Self {
            verifying: DecodingKey::from_rsa_components(n, e).ok()?,
            thumbprint: Thumbprint::computed(&[("e", e), ("kty", "RSA"), ("n", n)]),
        })
    }
}

fn is(jwk: &Map<String, Value>, name: &str, value: &str) -> Option<()> {
    (jwk.get(name)?.as_str()? == value).then_some(())
}

/// A member of the JWK that is unpadded base64url of so many bytes.
fn number<'a>(jwk: &'a Map<String, Value>, name: &str, bytes: std::ops::RangeInclusive<usize>) -> Option<&'a str> {
    let text = jwk.get(name)?.as_str()?;
    let decoded = URL_SAFE_NO_PAD.decode(text).ok()?;
    bytes.contains(&decoded.len()).then_some(text)
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::Algorithm;
    use serde_json::{Map, Value, json};

    use super::{PublicKey, Thumbprint, algorithm};

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
        let read = PublicKey::of(&key, Algorithm::ES256).ok().unwrap();
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
                Algorithm::ES256,
            ),
            (json!({ "kty": "EC", "crv": "P-384", "x": x, "y": y }), Algorithm::ES256),
            (json!({ "kty": "EC", "crv": "P-256", "x": x }), Algorithm::ES256),
            (
                json!({ "kty": "EC", "crv": "P-256", "x": x, "y": format!("{y}=") }),
                Algorithm::ES256,
            ),
            (json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y }), Algorithm::RS256),
            (json!({ "kty": "oct", "k": "AA" }), Algorithm::ES256),
            (
                json!({ "kty": "RSA", "e": "AQAB", "n": "A".repeat(170) }),
                Algorithm::RS256,
            ),
            (
                json!({ "kty": "RSA", "e": "AQAB", "n": "A".repeat(2000) }),
                Algorithm::PS256,
            ),
            (
                json!({ "kty": "RSA", "e": "AQAB", "n": "A".repeat(342), "p": "AA" }),
                Algorithm::PS256,
            ),
            (json!({ "kty": "OKP", "crv": "X25519", "x": x }), Algorithm::EdDSA),
            (json!({ "kty": 1 }), Algorithm::EdDSA),
        ] {
            assert!(PublicKey::of(&jwk(key.clone()), algorithm).is_err(), "{key}");
        }
    }

    #[test]
    fn neither_none_nor_symmetric_algorithms_are_ours() {
        for word in ["none", "HS256", "ES384", "es256", ""] {
            assert!(algorithm(word).is_none(), "{word}");
        }
        assert!(super::ALGORITHMS.iter().all(|word| algorithm(word).is_some()));
    }

    #[test]
    fn a_thumbprint_is_43_characters_of_base64url() {
        for text in ["", "abc", &"A".repeat(44), &"+".repeat(43)] {
            assert!(Thumbprint::of(text).is_none(), "{text}");
        }
    }
}
