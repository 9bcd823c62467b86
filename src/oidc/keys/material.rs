//! One key: made, sealed away, read back; signs and verifies JWS (RFC 7515).
//!
//! Signing goes to aws-lc-rs directly, because `jsonwebtoken` parses and checks the private key again at every signature, which for RSA
//! costs more than the signature. Verifying goes through `jsonwebtoken`, with its own clock switched off: time is ours to judge.

use aws_lc_rs::{
    encoding::AsDer,
    rand::SystemRandom,
    rsa::{KeyPair as RsaKeyPair, KeySize},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    crypto::digest::sha256_base64url,
    kernel::{
        failure::{Failure, Result},
        secret::Secret,
    },
    oidc::failure::OidcFailure,
};

/// A signature algorithm we sign with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alg {
    /// RSASSA-PKCS1-v1_5 with SHA-256: what every client understands.
    Rs256,
    /// ECDSA on P-256 with SHA-256: access tokens, and ID tokens of clients that ask for it.
    Es256,
}

impl Alg {
    /// All, RS256 first as the specification wants it offered.
    pub const ALL: [Self; 2] = [Self::Rs256, Self::Es256];

    /// The JOSE name (RFC 7518 §3.1).
    pub const fn word(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
        }
    }

    /// From the JOSE name.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|alg| alg.word() == word)
    }

    const fn jose(self) -> Algorithm {
        match self {
            Self::Rs256 => Algorithm::RS256,
            Self::Es256 => Algorithm::ES256,
        }
    }
}

enum Pair {
    Rsa(Box<RsaKeyPair>),
    Ec(Box<EcdsaKeyPair>),
}

/// A private key, parsed and checked.
pub struct SigningKey {
    /// RFC 7638 thumbprint.
    pub kid: String,
    /// How it signs.
    pub alg: Alg,
    pair: Pair,
}

fn broken(what: &str) -> Failure {
    OidcFailure::KeyMissing.failure().cause(what)
}

impl SigningKey {
    /// A new key: RSA with 2048 bits, or P-256. Slow for RSA (tens of milliseconds).
    ///
    /// # Errors
    /// Only when the cryptographic library refuses.
    pub fn generate(alg: Alg) -> Result<Self> {
        let pair = match alg {
            Alg::Rs256 => {
                let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| broken("RSA key generation failed"))?;
                Pair::Rsa(Box::new(pair))
            }
            Alg::Es256 => {
                let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING);
                Pair::Ec(Box::new(pair.map_err(|_| broken("P-256 key generation failed"))?))
            }
        };
        Self::of(alg, pair)
    }

    /// From its PKCS#8 form.
    ///
    /// # Errors
    /// `OP-180` when it is not a key of this kind.
    pub fn from_pkcs8(alg: Alg, der: &[u8]) -> Result<Self> {
        let pair = match alg {
            Alg::Rs256 => Pair::Rsa(Box::new(
                RsaKeyPair::from_pkcs8(der).map_err(|_| broken("not an RSA key in PKCS#8"))?,
            )),
            Alg::Es256 => Pair::Ec(Box::new(
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der)
                    .map_err(|_| broken("not a P-256 key in PKCS#8"))?,
            )),
        };
        Self::of(alg, pair)
    }

    fn of(alg: Alg, pair: Pair) -> Result<Self> {
        let kid = thumbprint(&public_members(&pair)?);
        Ok(Self { kid, alg, pair })
    }

    /// Its PKCS#8 DER, to be sealed.
    ///
    /// # Errors
    /// Only when the cryptographic library refuses.
    pub fn to_pkcs8(&self) -> Result<Secret<Vec<u8>>> {
        let der = match &self.pair {
            Pair::Rsa(pair) => pair.as_der().map(|der| der.as_ref().to_vec()),
            Pair::Ec(pair) => pair.to_pkcs8v1().map(|der| der.as_ref().to_vec()),
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
        let mut header = Header::new(self.alg.jose());
        header.typ = Some(typ.to_owned());
        header.kid = Some(self.kid.clone());
        let message = format!("{}.{}", part(&header)?, part(claims)?);
        let signature = self.signature(message.as_bytes())?;
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    fn signature(&self, message: &[u8]) -> Result<Vec<u8>> {
        // Both ignore the generator they are handed (aws-lc has its own).
        let random = SystemRandom::new();
        let refused = |_| OidcFailure::MintRefused.failure().cause("signing failed");
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .map_err(refused)?;
                Ok(signature)
            }
            Pair::Ec(pair) => Ok(pair.sign(&random, message).map_err(refused)?.as_ref().to_vec()),
        }
    }
}

fn part(value: &impl Serialize) -> Result<String> {
    let json = serde_json::to_vec(value).map_err(|error| OidcFailure::MintRefused.failure().cause(error))?;
    Ok(URL_SAFE_NO_PAD.encode(json))
}

/// The members a thumbprint is made of, in lexicographic order (RFC 7638 §3.2).
fn public_members(pair: &Pair) -> Result<Vec<(&'static str, String)>> {
    match pair {
        Pair::Rsa(pair) => {
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
    }
}

/// RFC 7638 §3: SHA-256 over the required members as JSON without white space. The values are base64url, so nothing needs escaping.
fn thumbprint(members: &[(&'static str, String)]) -> String {
    let members: Vec<String> = members
        .iter()
        .map(|(name, value)| format!("\"{name}\":\"{value}\""))
        .collect();
    sha256_base64url(format!("{{{}}}", members.join(",")).as_bytes())
}

/// A public key that verifies what we signed earlier.
pub struct VerifyingKey {
    alg: Alg,
    key: DecodingKey,
}

impl VerifyingKey {
    /// From a published JWK.
    pub fn from_jwk(alg: Alg, jwk: &Value) -> Option<Self> {
        let jwk = serde_json::from_value(jwk.clone()).ok()?;
        let key = DecodingKey::from_jwk(&jwk).ok()?;
        Some(Self { alg, key })
    }

    /// The claims of a JWS this key signed under this `typ`. Only the signature is judged: `exp`, `iss`, `aud` are the caller's.
    pub fn signed_claims<T: DeserializeOwned>(&self, token: &str, typ: &str) -> Option<T> {
        let mut validation = Validation::new(self.alg.jose());
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let data = jsonwebtoken::decode::<T>(token, &self.key, &validation).ok()?;
        let same = data.header.typ.is_some_and(|seen| seen.eq_ignore_ascii_case(typ));
        same.then_some(data.claims)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Alg, SigningKey, VerifyingKey, thumbprint};

    /// RFC 7638 §3.1.
    #[test]
    fn the_thumbprint_of_the_rfc() {
        let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs\
                 tn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn\
                 1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        let members = vec![("e", "AQAB".to_owned()), ("kty", "RSA".to_owned()), ("n", n.to_owned())];
        assert_eq!(thumbprint(&members), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    #[test]
    fn what_a_key_signs_its_published_half_verifies_also_after_a_restart() {
        for alg in Alg::ALL {
            let made = SigningKey::generate(alg).unwrap();
            let key = SigningKey::from_pkcs8(alg, made.to_pkcs8().unwrap().expose()).unwrap();
            assert_eq!(key.kid, made.kid);
            let jwk = key.public_jwk().unwrap();
            assert!(jwk.get("d").is_none());
            assert_eq!(jwk["kid"], key.kid.as_str());
            let token = key.sign("JWT", &json!({ "sub": "someone" })).unwrap();
            let public = VerifyingKey::from_jwk(alg, &jwk).unwrap();
            let claims: Value = public.signed_claims(&token, "JWT").unwrap();
            assert_eq!(claims["sub"], "someone");
            assert!(public.signed_claims::<Value>(&token, "at+jwt").is_none());
            let mut forged = token.clone();
            forged.truncate(token.len() - 4);
            assert!(public.signed_claims::<Value>(&forged, "JWT").is_none());
        }
    }

    #[test]
    fn alg_none_and_foreign_keys_verify_nothing() {
        let ours = SigningKey::generate(Alg::Es256).unwrap();
        let public = VerifyingKey::from_jwk(Alg::Es256, &ours.public_jwk().unwrap()).unwrap();
        let foreign = SigningKey::generate(Alg::Es256).unwrap();
        let token = foreign.sign("JWT", &json!({})).unwrap();
        assert!(public.signed_claims::<Value>(&token, "JWT").is_none());
        // {"alg":"none","typ":"JWT"}.{}.
        let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.e30.";
        assert!(public.signed_claims::<Value>(none, "JWT").is_none());
    }
}
