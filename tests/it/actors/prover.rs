//! A client's key: signs DPoP proofs (RFC 9449) as told, right or wrong. Shares no code with what verifies them.

use std::collections::BTreeMap;

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
        RsaKeyPair,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use menjin::kernel::entropy::Entropy;
use serde_json::{Value, json};

use crate::fixture::{Fixture, lay_over};

enum Pair {
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

/// Somebody with a key.
pub struct Prover {
    pair: Pair,
    alg: &'static str,
    /// The public half.
    pub jwk: Value,
}

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The unpadded base64url of a SHA-256.
fn sha256(value: &str) -> String {
    b64(digest(&SHA256, value.as_bytes()))
}

impl Prover {
    /// A new key for this algorithm.
    pub fn new(alg: &'static str) -> Self {
        let (pair, jwk) = match alg {
            "ES256" => {
                let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
                let point = pair.public_key().as_ref();
                let jwk = json!({ "kty": "EC", "crv": "P-256", "x": b64(&point[1..33]), "y": b64(&point[33..]) });
                (Pair::Ec(pair), jwk)
            }
            "EdDSA" => {
                let pair = Ed25519KeyPair::generate().unwrap();
                let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": b64(pair.public_key()) });
                (Pair::Ed(pair), jwk)
            }
            _ => {
                let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
                let n = b64(pair.public_key().modulus().big_endian_without_leading_zero());
                let e = b64(pair.public_key().exponent().big_endian_without_leading_zero());
                (Pair::Rsa(pair), json!({ "kty": "RSA", "n": n, "e": e }))
            }
        };
        Self { pair, alg, jwk }
    }

    /// RFC 7638.
    pub fn thumbprint(&self) -> String {
        let sorted: BTreeMap<_, _> = self.jwk.as_object().unwrap().iter().collect();
        sha256(&serde_json::to_string(&sorted).unwrap())
    }

    /// A JWT with this header and these claims.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let message = format!("{}.{}", b64(header.to_string()), b64(claims.to_string()));
        let random = SystemRandom::new();
        let signature = match &self.pair {
            Pair::Ec(pair) => pair.sign(&random, message.as_bytes()).unwrap().as_ref().to_vec(),
            Pair::Ed(pair) => pair.sign(message.as_bytes()).as_ref().to_vec(),
            Pair::Rsa(pair) => {
                let padding = if self.alg == "PS256" {
                    &RSA_PSS_SHA256
                } else {
                    &RSA_PKCS1_SHA256
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding, &random, message.as_bytes(), &mut signature).unwrap();
                signature
            }
        };
        format!("{message}.{}", b64(signature))
    }

    /// The header of a proof.
    pub fn header(&self) -> Value {
        json!({ "typ": "dpop+jwt", "alg": self.alg, "jwk": self.jwk })
    }

    /// The claims of a proof for this request, with a new `jti`.
    pub fn claims(&self, fixture: &Fixture, method: &str, path: &str) -> Value {
        let htu = format!("{}{path}", fixture.base);
        json!({ "jti": Entropy::system().hex_id(), "htm": method, "htu": htu, "iat": fixture.clock.now().secs() })
    }

    /// A good proof for the token endpoint.
    pub fn for_token(&self, fixture: &Fixture) -> String {
        self.sign(&self.header(), &self.claims(fixture, "POST", "/oauth2/token"))
    }

    /// A proof for userinfo by GET with this token; `extra` is laid over its claims.
    pub fn for_userinfo(&self, fixture: &Fixture, access_token: &str, extra: Value) -> String {
        let mut claims = self.claims(fixture, "GET", "/oauth2/userinfo");
        claims["ath"] = sha256(access_token).into();
        lay_over(&mut claims, extra);
        self.sign(&self.header(), &claims)
    }
}
