//! JWTs signed by clients: reads the header, selects keys (JWK) and verifies the signature. Pure.
//!
//! [`Jwt::read`] refuses encrypted JWTs, `none`, and headers with critical extensions, of which we know none (RFC 7515 §4.1.11).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Map, Value};

use crate::kernel::{
    json::{self, Strict},
    secret::Secret,
};

/// Keys of one set that are tried at most, so that a long set does not cost more than a short one.
const MOST_KEYS: usize = 50;

/// Seconds that `iat` and `nbf` of a client's JWT may lie ahead. FAPI 2.0 Security Profile §5.3.2.1 wants 10 accepted and more than 60
/// refused.
pub const FUTURE_LEEWAY: i64 = 30;

/// An algorithm clients sign with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAlg {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// Ed25519 (RFC 8037).
    EdDsa,
    /// HMAC with SHA-256 under the client's secret.
    Hs256,
}

impl ClientAlg {
    /// Those that sign with a private key.
    pub const ASYMMETRIC: [Self; 4] = [Self::Rs256, Self::Ps256, Self::Es256, Self::EdDsa];
    /// All, as published for client authentication.
    pub const ALL: [Self; 5] = [Self::Rs256, Self::Ps256, Self::Es256, Self::EdDsa, Self::Hs256];

    /// The JOSE name (RFC 7518 §3.1).
    pub const fn word(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
            Self::Hs256 => "HS256",
        }
    }

    /// Whether it signs with a private key.
    pub fn is_asymmetric(self) -> bool {
        Self::ASYMMETRIC.contains(&self)
    }

    /// As the library that verifies calls it.
    pub const fn jose(self) -> Algorithm {
        match self {
            Self::Rs256 => Algorithm::RS256,
            Self::Ps256 => Algorithm::PS256,
            Self::Es256 => Algorithm::ES256,
            Self::EdDsa => Algorithm::EdDSA,
            Self::Hs256 => Algorithm::HS256,
        }
    }

    /// From the JOSE name; `none` and whatever else is not listed is nothing.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|alg| alg.word() == word)
    }

    /// Whether this JWK may verify a signature of this algorithm (RFC 7517 §4.1 to §4.4): its type, and its `use`, `key_ops` and `alg`
    /// where it has them. A member of another JSON type than specified contradicts too.
    pub fn fits(self, jwk: &Map<String, Value>) -> bool {
        let says = |name: &str, word: &str| jwk.get(name).and_then(Value::as_str) == Some(word);
        let says_if_present = |name: &str, word: &str| !jwk.contains_key(name) || says(name, word);
        let (kty, crv) = self.kind();
        let may_verify = |names: &Value| {
            names
                .as_array()
                .is_some_and(|names| names.iter().any(|name| name == "verify"))
        };
        says("kty", kty)
            && crv.is_none_or(|crv| says("crv", crv))
            && says_if_present("use", "sig")
            && says_if_present("alg", self.word())
            && jwk.get("key_ops").is_none_or(may_verify)
    }

    /// `kty` and `crv` of its keys (RFC 7518 §6, RFC 8037 §2).
    const fn kind(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Rs256 | Self::Ps256 => ("RSA", None),
            Self::Es256 => ("EC", Some("P-256")),
            Self::EdDsa => ("OKP", Some("Ed25519")),
            Self::Hs256 => ("oct", None),
        }
    }
}

/// A JWT as sent, not verified yet.
#[derive(Debug)]
pub struct Jwt<'a> {
    token: &'a str,
    /// The algorithm in its header.
    pub alg: ClientAlg,
    /// Its media type without `application/`, lower case.
    pub typ: Option<String>,
    kid: Option<String>,
}

impl<'a> Jwt<'a> {
    /// Reads the header; `None` for what is not a signed JWT or has an algorithm that is not accepted.
    pub fn read(token: &'a str) -> Option<Self> {
        // The crate would take a list for a header.
        json::object(&URL_SAFE_NO_PAD.decode(token.split('.').next()?).ok()?).ok()?;
        let header = jsonwebtoken::decode_header(token).ok()?;
        if header.crit.is_some() {
            return None;
        }
        let alg = ClientAlg::ALL.into_iter().find(|alg| alg.jose() == header.alg)?;
        let typ = header.typ.map(|typ| typ.to_ascii_lowercase());
        Some(Self {
            token,
            alg,
            typ: typ.map(|typ| typ.strip_prefix("application/").unwrap_or(&typ).to_owned()),
            kid: header.kid,
        })
    }

    /// The claims if a key of this set signed them.
    pub fn verify_with_jwks(&self, jwks: &Value) -> Option<Map<String, Value>> {
        if !self.alg.is_asymmetric() {
            return None;
        }
        let keys = jwks.get("keys")?.as_array()?;
        let fitting = keys.iter().filter(|key| self.could_be_made_by(key)).take(MOST_KEYS);
        fitting
            .filter_map(decoding_key)
            .find_map(|key| self.verify_with_key(&key))
    }

    /// The claims if they were signed with this secret.
    pub fn verify_with_secret(&self, secret: &Secret<String>) -> Option<Map<String, Value>> {
        if self.alg != ClientAlg::Hs256 {
            return None;
        }
        self.verify_with_key(&DecodingKey::from_secret(secret.expose().as_bytes()))
    }

    /// Whether this JWK fits. A `kid` names the key; without one every fitting key is tried.
    fn could_be_made_by(&self, key: &Value) -> bool {
        let named = |kid: &str| key.get("kid").and_then(Value::as_str) == Some(kid);
        key.as_object().is_some_and(|key| self.alg.fits(key)) && self.kid.as_deref().is_none_or(named)
    }

    /// The claims if this key verifies the signature; `exp`, `iss` and `aud` are left to the caller.
    fn verify_with_key(&self, key: &DecodingKey) -> Option<Map<String, Value>> {
        let mut validation = Validation::new(self.alg.jose());
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        jsonwebtoken::decode::<Strict>(self.token, key, &validation)
            .ok()
            .map(|data| data.claims.0)
    }
}

fn decoding_key(jwk: &Value) -> Option<DecodingKey> {
    let jwk = serde_json::from_value(jwk.clone()).ok()?;
    DecodingKey::from_jwk(&jwk).ok()
}

/// A NumericDate of a JWT, whole seconds (RFC 7519 §2); `Err` when the claim is something else.
///
/// # Errors
/// When the claim is no number.
pub fn numeric_date(claims: &Map<String, Value>, name: &str) -> Result<Option<i64>, ()> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    let whole = value.as_i64();
    let seconds = whole.or_else(|| value.as_f64().map(|seconds| seconds as i64));
    seconds.map(Some).ok_or(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::{Jwt, numeric_date};
    pub(in crate::oidc) use crate::{
        kernel::secret::Secret,
        oidc::keys::{alg::Alg, signing_key::SigningKey},
    };

    fn read(token: &str) -> Option<Map<String, Value>> {
        let jwk = json!({ "keys": [] });
        Jwt::read(token).and_then(|jwt| jwt.verify_with_jwks(&jwk))
    }

    #[test]
    fn a_key_is_taken_only_for_what_it_says_it_is_for() {
        let key = SigningKey::generate(Alg::Es256).unwrap();
        let token = key.sign("JWT", &json!({ "sub": "x" })).unwrap();
        let jwk = key.public_jwk().unwrap();
        let with = |name: &str, value: Value| {
            let mut jwk = jwk.clone();
            jwk[name] = value;
            Jwt::read(&token)
                .unwrap()
                .verify_with_jwks(&json!({ "keys": [jwk] }))
                .is_some()
        };
        assert!(with("use", json!("sig")) && with("key_ops", json!(["verify"])));
        for (name, value) in [
            ("use", json!("enc")),
            ("use", json!(["sig"])),
            ("use", json!(null)),
            ("alg", json!("ES384")),
            ("alg", json!(256)),
            ("kid", json!("another")),
            ("key_ops", json!(["encrypt"])),
            ("key_ops", json!("verify")),
            ("crv", json!("P-384")),
            ("kty", json!("oct")),
            ("x", json!("AAAA")),
        ] {
            assert!(!with(name, value), "{name}");
        }
    }

    #[test]
    fn a_public_key_is_no_shared_secret() {
        let secret = Secret::new("a secret of at least thirty-two characters".to_owned());
        let key = SigningKey::generate(Alg::Rs256).unwrap();
        let token = key.sign("JWT", &json!({})).unwrap();
        assert!(Jwt::read(&token).unwrap().verify_with_secret(&secret).is_none());
    }

    #[test]
    fn none_encryption_and_nonsense_are_not_read() {
        for token in [
            // {"alg":"none"}
            "eyJhbGciOiJub25lIn0.e30.",
            // {"alg":"RSA-OAEP","enc":"A256GCM"}
            "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.a.b.c.d",
            // {"alg":"ES256","crit":["x"]}
            "eyJhbGciOiJFUzI1NiIsImNyaXQiOlsieCJdfQ.e30.AAAA",
            "",
            ".",
            "..",
            "a.b.c",
        ] {
            assert!(Jwt::read(token).is_none() && read(token).is_none(), "{token}");
        }
    }

    #[test]
    fn moments_are_numbers() {
        let claims = json!({ "a": 5, "b": 5.9, "c": "5", "d": null, "e": 1e300 });
        let claims = claims.as_object().unwrap();
        assert_eq!(numeric_date(claims, "a"), Ok(Some(5)));
        assert_eq!(numeric_date(claims, "b"), Ok(Some(5)));
        assert_eq!(numeric_date(claims, "c"), Err(()));
        assert_eq!(numeric_date(claims, "d"), Err(()));
        assert_eq!(numeric_date(claims, "e"), Ok(Some(i64::MAX)));
        assert_eq!(numeric_date(claims, "f"), Ok(None));
    }
}
