//! One private signing key: generation, PKCS#8, public JWK, and signing of compact JWS (RFC 7515).
//!
//! Signing goes to aws-lc-rs directly with a key parsed once, and the header is encoded once: beside the signature nothing is left that
//! costs. Tokens are verified in `verifying_key`.

use aws_lc_rs::{
    encoding::AsDer,
    rand::SystemRandom,
    rsa::{KeyPair as RsaKeyPair, KeySize},
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
        RsaEncoding,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use serde_json::{Value, json};

use super::alg::Alg;
use crate::{
    kernel::{
        failure::{Failure, Result},
        secret::Secret,
    },
    oidc::failure::OidcFailure,
    oidc::jwk_thumbprint::thumbprint,
};

/// The usual values of `typ`, whose headers are encoded in advance: ID tokens (RFC 7519 §5.1), access tokens (RFC 9068 §2.1).
const USUAL: [&str; 2] = ["JWT", "at+jwt"];

enum Pair {
    Rsa(Box<RsaKeyPair>, &'static dyn RsaEncoding),
    Ec(Box<EcdsaKeyPair>),
    Ed(Box<Ed25519KeyPair>),
}

/// A private key, parsed and checked.
pub struct SigningKey {
    /// RFC 7638 thumbprint.
    pub kid: String,
    /// Its algorithm.
    pub alg: Alg,
    pair: Pair,
    /// Encoded headers of the usual kinds, each with the dot behind it.
    heads: Vec<(&'static str, String)>,
}

fn broken(what: &str) -> Failure {
    OidcFailure::KeyMissing.failure().cause(what)
}

impl SigningKey {
    /// A new key: RSA with 2048 bits, P-256 or Ed25519. Slow for RSA (tens to hundreds of milliseconds): never while a request waits.
    ///
    /// # Errors
    /// Only when the cryptographic library refuses.
    pub fn generate(alg: Alg) -> Result<Self> {
        let refused = |_| broken("key generation failed");
        let pair = match alg {
            Alg::Rs256 | Alg::Ps256 => rsa(alg, RsaKeyPair::generate(KeySize::Rsa2048).map_err(refused)?),
            Alg::Es256 => {
                let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING);
                Pair::Ec(Box::new(pair.map_err(refused)?))
            }
            Alg::EdDsa => Pair::Ed(Box::new(Ed25519KeyPair::generate().map_err(refused)?)),
        };
        Self::of(alg, pair)
    }

    /// From its PKCS#8 form.
    ///
    /// # Errors
    /// `OP-180` when it is not a key of this kind.
    pub fn from_pkcs8(alg: Alg, der: &[u8]) -> Result<Self> {
        let refused = |_| broken("not a key of this kind in PKCS#8");
        let pair = match alg {
            Alg::Rs256 | Alg::Ps256 => rsa(alg, RsaKeyPair::from_pkcs8(der).map_err(refused)?),
            Alg::Es256 => {
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der);
                Pair::Ec(Box::new(pair.map_err(refused)?))
            }
            Alg::EdDsa => Pair::Ed(Box::new(Ed25519KeyPair::from_pkcs8(der).map_err(refused)?)),
        };
        Self::of(alg, pair)
    }

    fn of(alg: Alg, pair: Pair) -> Result<Self> {
        let members = public_members(&pair)?;
        let named: Vec<(&str, &str)> = members.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let kid = thumbprint(&named);
        let heads = USUAL.map(|typ| (typ, head(alg, &kid, typ))).to_vec();
        Ok(Self { kid, alg, pair, heads })
    }

    /// Its PKCS#8 DER, to be sealed.
    ///
    /// # Errors
    /// Only when the cryptographic library refuses.
    pub fn to_pkcs8(&self) -> Result<Secret<Vec<u8>>> {
        let der = match &self.pair {
            Pair::Rsa(pair, _) => pair.as_der().map(|der| der.as_ref().to_vec()),
            Pair::Ec(pair) => pair.to_pkcs8v1().map(|der| der.as_ref().to_vec()),
            Pair::Ed(pair) => pair.to_pkcs8().map(|der| der.as_ref().to_vec()),
        };
        der.map(Secret::new).map_err(|_| broken("the key does not serialise"))
    }

    /// The public half as published (RFC 7517), `use` and `alg` included.
    ///
    /// # Errors
    /// `OP-180` when the public point is malformed.
    pub fn public_jwk(&self) -> Result<Value> {
        let mut jwk = json!({ "kid": self.kid, "use": "sig", "alg": self.alg.word() });
        if let Value::Object(jwk) = &mut jwk {
            jwk.extend(
                public_members(&self.pair)?
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value.into())),
            );
        }
        Ok(jwk)
    }

    /// A compact JWS over the claims, with this `typ` (RFC 7519 §5.1, RFC 9068 §2.1).
    ///
    /// # Errors
    /// `OP-181` when the claims do not serialise or the library refuses.
    pub fn sign(&self, typ: &str, claims: &impl Serialize) -> Result<String> {
        let claims = serde_json::to_vec(claims).map_err(|error| OidcFailure::MintRefused.failure().cause(error))?;
        // Four characters for three bytes, and at most 342 for an RSA signature, besides its dot.
        let mut token = String::with_capacity(160 + claims.len().div_ceil(3).saturating_mul(4) + 343);
        match self.heads.iter().find(|(usual, _)| *usual == typ) {
            Some((_, head)) => token.push_str(head),
            None => token.push_str(&head(self.alg, &self.kid, typ)),
        }
        URL_SAFE_NO_PAD.encode_string(claims, &mut token);
        self.close(&mut token)?;
        Ok(token)
    }

    /// Signs the text and appends the signature.
    fn close(&self, token: &mut String) -> Result<()> {
        // Both ignore the generator they are handed (aws-lc has its own).
        let random = SystemRandom::new();
        let refused = |_| OidcFailure::MintRefused.failure().cause("signing failed");
        match &self.pair {
            Pair::Rsa(pair, padding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*padding, &random, token.as_bytes(), &mut signature)
                    .map_err(refused)?;
                append(token, &signature);
            }
            Pair::Ec(pair) => {
                let signature = pair.sign(&random, token.as_bytes()).map_err(refused)?;
                append(token, signature.as_ref());
            }
            Pair::Ed(pair) => {
                let signature = pair.try_sign(token.as_bytes()).map_err(refused)?;
                append(token, signature.as_ref());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
impl SigningKey {
    /// Signs a message whatever it is, for tests that forge headers.
    pub(super) fn signed_as_is(&self, message: &str) -> String {
        let mut token = message.to_owned();
        self.close(&mut token).expect("signing does not fail");
        token
    }
}

fn append(token: &mut String, signature: &[u8]) {
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, token);
}

fn rsa(alg: Alg, pair: RsaKeyPair) -> Pair {
    match alg {
        Alg::Ps256 => Pair::Rsa(Box::new(pair), &RSA_PSS_SHA256),
        _ => Pair::Rsa(Box::new(pair), &RSA_PKCS1_SHA256),
    }
}

/// The encoded header with the dot behind it. Only words of ours go in, none of which JSON would escape.
fn head(alg: Alg, kid: &str, typ: &str) -> String {
    let json = format!("{{\"alg\":\"{}\",\"kid\":\"{kid}\",\"typ\":\"{typ}\"}}", alg.word());
    let mut head = URL_SAFE_NO_PAD.encode(json);
    head.push('.');
    head
}

/// The members a thumbprint is made of, in lexicographic order (RFC 7638 §3.2, RFC 8037 §2).
fn public_members(pair: &Pair) -> Result<Vec<(&'static str, String)>> {
    match pair {
        Pair::Rsa(pair, _) => {
            let public = pair.public_key();
            let n = URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero());
            let e = URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero());
            Ok(vec![("e", e), ("kty", "RSA".to_owned()), ("n", n)])
        }
        Pair::Ec(pair) => {
            // Uncompressed point: 0x04 ‖ x ‖ y (SEC 1 §2.3.3).
            let point = pair.public_key().as_ref();
            let (x, y) = match point.split_first() {
                Some((4, coordinates)) if coordinates.len() == 64 => coordinates.split_at(32),
                _ => return Err(broken("a P-256 point is not 65 bytes")),
            };
            Ok(vec![
                ("crv", "P-256".to_owned()),
                ("kty", "EC".to_owned()),
                ("x", URL_SAFE_NO_PAD.encode(x)),
                ("y", URL_SAFE_NO_PAD.encode(y)),
            ])
        }
        Pair::Ed(pair) => Ok(vec![
            ("crv", "Ed25519".to_owned()),
            ("kty", "OKP".to_owned()),
            ("x", URL_SAFE_NO_PAD.encode(pair.public_key())),
        ]),
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use serde_json::{Value, json};

    use super::SigningKey;
    use crate::oidc::keys::alg::Alg;

    #[test]
    fn the_published_half_has_its_members_and_no_private_one() {
        for (alg, names) in [
            (Alg::Rs256, vec!["alg", "e", "kid", "kty", "n", "use"]),
            (Alg::Es256, vec!["alg", "crv", "kid", "kty", "use", "x", "y"]),
            (Alg::EdDsa, vec!["alg", "crv", "kid", "kty", "use", "x"]),
        ] {
            let jwk = SigningKey::generate(alg).unwrap().public_jwk().unwrap();
            let mut seen: Vec<&str> = jwk.as_object().unwrap().keys().map(String::as_str).collect();
            seen.sort_unstable();
            assert_eq!(seen, names);
            assert_eq!((&jwk["use"], &jwk["alg"]), (&json!("sig"), &json!(alg.word())));
        }
    }

    #[test]
    fn the_header_says_alg_kid_and_typ_for_usual_and_unusual_kinds() {
        let key = SigningKey::generate(Alg::EdDsa).unwrap();
        for typ in ["JWT", "at+jwt", "logout+jwt"] {
            let token = key.sign(typ, &json!({})).unwrap();
            let head = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
            let head: Value = serde_json::from_slice(&head).unwrap();
            assert_eq!(head, json!({ "alg": "EdDSA", "kid": key.kid, "typ": typ }));
        }
    }
}
