//! Logout tokens as a portal takes them (OpenID Connect Back-Channel Logout 1.0 §2.6). Written against the specification, with nothing of the
//! provider's.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openidconnect::{
    JsonWebKey,
    core::{CoreJsonWebKeySet, CoreJwsSigningAlgorithm},
};
use serde_json::{Map, Value};

/// The event that makes a token a logout token.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// By how much clocks may differ, seconds.
const SKEW: i64 = 60;
/// Oldest token that is taken, seconds; §2.4 recommends that they live two minutes at most.
const OLDEST: i64 = 120;
/// Most identifiers of tokens that are remembered.
const REMEMBERED: usize = 10_000;

/// Whom the portal believes, and who it is.
pub struct Expected<'a> {
    /// The issuer.
    pub issuer: &'a str,
    /// The portal's client id.
    pub client_id: &'a str,
    /// Keys of the provider.
    pub keys: &'a CoreJsonWebKeySet,
    /// Now, seconds since 1970.
    pub now: i64,
}

/// What a good token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logout {
    /// The session, if it names one.
    pub sid: Option<String>,
    /// The person, if it names one.
    pub sub: Option<String>,
    /// When it was made, seconds since 1970.
    pub issued_at: i64,
}

/// Identifiers of tokens that were taken, with the second until which each would be taken again.
#[derive(Default)]
pub struct Taken(Mutex<HashMap<String, i64>>);

impl Taken {
    /// Takes an identifier; false: it was taken before.
    fn take(&self, jti: &str, until: i64, now: i64) -> bool {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        taken.retain(|_, until| *until >= now);
        taken.len() < REMEMBERED && taken.insert(jti.to_owned(), until).is_none()
    }
}

/// Checks a logout token.
///
/// # Errors
/// A sentence: what is wrong with it.
pub fn verify(token: &str, expected: &Expected<'_>, taken: &Taken) -> Result<Logout, String> {
    let claims = signed(token, expected.keys)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let number = |name: &str| claims.get(name).and_then(Value::as_i64);
    if text("iss") != Some(expected.issuer) {
        return Err("iss is not the issuer".to_owned());
    }
    let audience = claims.get("aud").ok_or("aud is missing")?;
    let meant = match audience {
        Value::Array(audience) => audience.iter().any(|one| one == expected.client_id),
        one => one == expected.client_id,
    };
    if !meant {
        return Err("aud does not name this portal".to_owned());
    }
    let issued_at = number("iat").ok_or("iat is missing")?;
    if issued_at > expected.now + SKEW || issued_at < expected.now - OLDEST - SKEW {
        return Err("iat is not now".to_owned());
    }
    if number("exp").ok_or("exp is missing")? < expected.now - SKEW {
        return Err("exp has passed".to_owned());
    }
    if !claims
        .get("events")
        .and_then(|events| events.get(EVENT))
        .is_some_and(Value::is_object)
    {
        return Err("events does not name a logout".to_owned());
    }
    if claims.contains_key("nonce") {
        return Err("nonce must not be there: this may be an ID token".to_owned());
    }
    let (sid, sub) = (text("sid").map(str::to_owned), text("sub").map(str::to_owned));
    if sid.is_none() && sub.is_none() {
        return Err("neither sub nor sid is there".to_owned());
    }
    let jti = text("jti").filter(|jti| !jti.is_empty()).ok_or("jti is missing")?;
    if !taken.take(jti, issued_at + OLDEST + SKEW, expected.now) {
        return Err("jti was seen before".to_owned());
    }
    Ok(Logout { sid, sub, issued_at })
}

/// The claims of a token that one of these keys signed.
fn signed(token: &str, keys: &CoreJsonWebKeySet) -> Result<Map<String, Value>, String> {
    let (message, signature) = token.rsplit_once('.').ok_or("it is no JWT")?;
    let (header, payload) = message.split_once('.').ok_or("it is no JWT")?;
    let header = object(header)?;
    let named = |name: &str| header.get(name).and_then(Value::as_str);
    // §2.4: explicit typing, so that no other JWT passes for one; a provider may leave it out, this one does not.
    if named("typ").is_none_or(|typ| !typ.eq_ignore_ascii_case("logout+jwt")) {
        return Err("typ is not logout+jwt".to_owned());
    }
    let algorithm = match named("alg") {
        Some("RS256") => CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
        Some("ES256") => CoreJwsSigningAlgorithm::EcdsaP256Sha256,
        _ => return Err("alg is neither RS256 nor ES256".to_owned()),
    };
    let kid = named("kid").ok_or("kid is missing")?;
    let key = keys
        .keys()
        .iter()
        .find(|key| key.key_id().is_some_and(|id| id.as_str() == kid));
    let key = key.ok_or("the provider has no key with this kid")?;
    let signature = decoded(signature)?;
    key.verify_signature(&algorithm, message.as_bytes(), &signature)
        .map_err(|_| "the signature is wrong".to_owned())?;
    object(payload)
}

/// The payload of a JWT that was verified elsewhere.
pub fn payload(token: &str) -> Map<String, Value> {
    let payload = token.split('.').nth(1).map(object);
    payload.and_then(Result::ok).unwrap_or_default()
}

fn object(part: &str) -> Result<Map<String, Value>, String> {
    serde_json::from_slice(&decoded(part)?).map_err(|_| "it does not hold JSON".to_owned())
}

fn decoded(part: &str) -> Result<Vec<u8>, String> {
    URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| "it is not base64url".to_owned())
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::{
        rand::SystemRandom,
        signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
    };
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn pair() -> EcdsaKeyPair {
        EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()
    }

    /// The public half as a key set.
    fn published(key: &EcdsaKeyPair) -> CoreJsonWebKeySet {
        let point = &key.public_key().as_ref()[1..];
        let (x, y) = point.split_at(32);
        let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
        let jwk = json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "k1", "x": x, "y": y });
        serde_json::from_value(json!({ "keys": [jwk] })).unwrap()
    }

    fn token(key: &EcdsaKeyPair, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let signature = key.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn header() -> Value {
        json!({ "alg": "ES256", "kid": "k1", "typ": "logout+jwt" })
    }

    fn claims() -> Value {
        json!({
            "iss": "https://sso.example", "aud": "wiki", "iat": NOW, "exp": NOW + 120, "jti": "j1",
            "events": { EVENT: {} }, "sid": "s1", "sub": "u1",
        })
    }

    fn verified(token: &str, keys: &CoreJsonWebKeySet, taken: &Taken) -> Result<Logout, String> {
        let expected = Expected {
            issuer: "https://sso.example",
            client_id: "wiki",
            keys,
            now: NOW,
        };
        verify(token, &expected, taken)
    }

    #[test]
    fn each_rule_of_back_channel_logout_2_6_refuses() {
        let key = pair();
        let keys = published(&key);
        let changes = [
            ("iss", json!("https://other.example"), "iss"),
            ("aud", json!("crm"), "aud"),
            ("aud", json!(["crm"]), "aud"),
            ("aud", Value::Null, "aud"),
            ("iat", json!(NOW - 3600), "iat"),
            ("iat", json!(NOW + 3600), "iat"),
            ("iat", Value::Null, "iat"),
            ("exp", json!(NOW - 3600), "exp"),
            ("events", json!({}), "events"),
            ("events", json!({ EVENT: null }), "events"),
            ("nonce", json!("n"), "nonce"),
            ("jti", Value::Null, "jti"),
            ("jti", json!(""), "jti"),
        ];
        for (claim, value, reason) in changes {
            let mut changed = claims();
            changed[claim] = value;
            let told = verified(&token(&key, &header(), &changed), &keys, &Taken::default());
            assert!(told.unwrap_err().contains(reason), "{claim}: {changed}");
        }
        let mut nobody = claims();
        for claim in ["sid", "sub"] {
            nobody[claim] = Value::Null;
        }
        let told = verified(&token(&key, &header(), &nobody), &keys, &Taken::default());
        assert!(told.unwrap_err().contains("neither"));
        for (name, value, reason) in [
            ("alg", "none", "alg"),
            ("alg", "HS256", "alg"),
            ("kid", "k2", "kid"),
            ("typ", "JWT", "typ"),
        ] {
            let mut changed = header();
            changed[name] = json!(value);
            let told = verified(&token(&key, &changed, &claims()), &keys, &Taken::default());
            assert!(told.unwrap_err().contains(reason), "{name} {value}");
        }
        let foreign = token(&pair(), &header(), &claims());
        let told = verified(&foreign, &keys, &Taken::default());
        assert!(told.unwrap_err().contains("signature"));
    }

    #[test]
    fn a_good_token_is_taken_once() {
        let key = pair();
        let (keys, taken) = (published(&key), Taken::default());
        let good = token(&key, &header(), &claims());
        let logout = verified(&good, &keys, &taken).unwrap();
        assert_eq!((logout.sid.as_deref(), logout.sub.as_deref()), (Some("s1"), Some("u1")));
        assert!(verified(&good, &keys, &taken).unwrap_err().contains("jti"));
        let mut many = claims();
        (many["aud"], many["jti"]) = (json!(["crm", "wiki"]), json!("j2"));
        many["sid"] = Value::Null;
        assert_eq!(
            verified(&token(&key, &header(), &many), &keys, &taken).unwrap().sid,
            None
        );
    }
}
