//! Validation of one DPoP proof: its header, signature and claims, compared with the request it came with (RFC 9449 §4.3). Pure.
//!
//! Whether its `jti` was used before and its `nonce` is one of ours is not checked here: that needs the store and the seal key.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::Validation;
use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;

use super::{
    failure::DpopFailure,
    key::{PublicKey, Thumbprint},
};
use crate::{
    crypto::digest::sha256_base64url,
    kernel::{
        clock::Timestamp,
        json::{self, Strict},
        validation::is_line,
    },
    oidc::{
        client::Client,
        client_keys::jwt::ClientAlg,
        security_profile::{ClientSignature, permits},
    },
};

/// How far a proof's `iat` may lie from our clock, both ways.
pub(super) const WINDOW: Duration = Duration::from_secs(60);
/// Longest proof, bytes; one with an RSA key of 4096 bits has about 2200.
const LONGEST: usize = 4096;
/// Longest `jti`, characters.
const LONGEST_JTI: usize = 256;

/// What a proof is compared with.
pub struct Expected<'a> {
    /// The client that proves: its profile decides which algorithms it may use.
    pub client: &'a Client,
    /// The method of the request.
    pub method: &'a str,
    /// Its address as published.
    pub url: &'a str,
    /// The access token that came with it (RFC 9449 §7); none at the token endpoint.
    pub access_token: Option<&'a str>,
    /// Current time.
    pub now: Timestamp,
}

/// A valid proof.
#[derive(Debug)]
pub struct Proof {
    /// Thumbprint of the key that signed.
    pub thumbprint: Thumbprint,
    /// Its identifier.
    pub jti: String,
    /// Its nonce, if any; not checked yet.
    pub nonce: Option<String>,
}

#[derive(Deserialize)]
struct Header {
    typ: String,
    alg: String,
    jwk: Map<String, Value>,
    crit: Option<Value>,
}

#[derive(Deserialize)]
struct Claims {
    jti: String,
    htm: String,
    htu: String,
    iat: i64,
    ath: Option<String>,
    nonce: Option<String>,
}

impl Proof {
    /// Reads and checks a `DPoP` header.
    ///
    /// # Errors
    /// The first of RFC 9449 §4.3's checks that fails, each with its own number.
    pub fn read(sent: &str, expected: &Expected<'_>) -> Result<Self, DpopFailure> {
        let header = header(sent).ok_or(DpopFailure::ProofMalformed)?;
        // An extension we must understand and do not (RFC 7515 §4.1.11).
        if !header.typ.eq_ignore_ascii_case("dpop+jwt") || header.crit.is_some() {
            return Err(DpopFailure::ProofMalformed);
        }
        let algorithm = ClientAlg::of(&header.alg)
            .filter(|alg| permits(expected.client, ClientSignature::DpopProof, *alg))
            .ok_or(DpopFailure::ProofAlgorithm)?;
        let key = PublicKey::of(&header.jwk, algorithm)?;
        let claims = claims(sent, &key, algorithm)?;
        compare(&claims, expected)?;
        Ok(Self {
            thumbprint: key.thumbprint,
            jti: claims.jti,
            nonce: claims.nonce,
        })
    }
}

fn header(sent: &str) -> Option<Header> {
    if sent.len() > LONGEST {
        return None;
    }
    let mut parts = sent.split('.');
    let (first, _, _, None) = (parts.next()?, parts.next()?, parts.next()?, parts.next()) else {
        return None;
    };
    json::read(&URL_SAFE_NO_PAD.decode(first).ok()?).ok()
}

/// Verifies the signature first, then parses the claims, so that the two failures are told apart.
fn claims(sent: &str, key: &PublicKey, algorithm: ClientAlg) -> Result<Claims, DpopFailure> {
    let mut validation = Validation::new(algorithm.jose());
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let verified = jsonwebtoken::decode::<Strict>(sent, &key.verifying, &validation);
    let payload = verified.map_err(|_| DpopFailure::ProofSignature)?.claims;
    json::part("proof", &Value::Object(payload.0)).map_err(|_| DpopFailure::ProofMalformed)
}

fn compare(claims: &Claims, expected: &Expected<'_>) -> Result<(), DpopFailure> {
    if claims.jti.is_empty() || claims.jti.chars().count() > LONGEST_JTI || !is_line(&claims.jti) {
        return Err(DpopFailure::ProofMalformed);
    }
    if claims.htm != expected.method || !same_address(&claims.htu, expected.url) {
        return Err(DpopFailure::ProofMisdirected);
    }
    let window = i64::try_from(WINDOW.as_secs()).unwrap_or_default();
    let age = expected.now.secs().saturating_sub(claims.iat);
    if age.saturating_abs() > window {
        return Err(DpopFailure::ProofStale);
    }
    match expected.access_token {
        Some(token) if claims.ath.as_deref() != Some(sha256_base64url(token.as_bytes()).as_str()) => {
            Err(DpopFailure::ProofWrongToken)
        }
        _ => Ok(()),
    }
}

/// Compares addresses normalised as RFC 3986 §6.2.2 and §6.2.3 say, ignoring query and fragment (RFC 9449 §4.3).
fn same_address(sent: &str, ours: &str) -> bool {
    let bare = |text: &str| {
        let mut url = Url::parse(text).ok()?;
        url.set_query(None);
        url.set_fragment(None);
        Some(url)
    };
    match (bare(sent), bare(ours)) {
        (Some(sent), Some(ours)) => sent == ours,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Expected, Proof, same_address};
    use crate::{
        crypto::digest::sha256_base64url,
        kernel::clock::Timestamp,
        oidc::{
            dpop::failure::DpopFailure,
            tests::{
                dpop_client::{jwk, pair, signed},
                samples,
            },
        },
    };

    const NOW: i64 = 1_700_000_000;
    const URL: &str = "https://id.example.com/oauth2/token";

    fn read(sent: &str, access_token: Option<&str>) -> Result<Proof, DpopFailure> {
        let client = samples::client("https://p/cb");
        let expected = Expected {
            client: &client,
            method: "POST",
            url: URL,
            access_token,
            now: Timestamp::from_secs(NOW),
        };
        Proof::read(sent, &expected)
    }

    /// With one member of header or claims replaced; null removes it.
    fn with(header: Value, claims: Value) -> Result<Proof, DpopFailure> {
        let pair = pair();
        let over = |mut under: Value, over: Value| {
            for (name, value) in over.as_object().unwrap() {
                under[name] = value.clone();
            }
            under.as_object_mut().unwrap().retain(|_, value| !value.is_null());
            under
        };
        let header = over(json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": jwk(&pair) }), header);
        let claims = over(json!({ "jti": "a", "htm": "POST", "htu": URL, "iat": NOW }), claims);
        read(&signed(&pair, &header, &claims), None)
    }

    #[test]
    fn a_good_proof_names_its_key() {
        let proof = with(json!({}), json!({ "nonce": "n", "ath": "ignored without a token" })).unwrap();
        assert_eq!(proof.thumbprint.as_str().len(), 43);
        assert_eq!((proof.jti.as_str(), proof.nonce.as_deref()), ("a", Some("n")));
    }

    #[test]
    fn each_check_of_section_4_3_has_its_number() {
        let header = |header: Value| with(header, json!({})).unwrap_err();
        assert_eq!(header(json!({ "typ": "JWT" })), DpopFailure::ProofMalformed);
        assert_eq!(header(json!({ "typ": null })), DpopFailure::ProofMalformed);
        assert_eq!(header(json!({ "crit": ["x"] })), DpopFailure::ProofMalformed);
        assert_eq!(header(json!({ "jwk": null })), DpopFailure::ProofMalformed);
        assert_eq!(header(json!({ "alg": "none" })), DpopFailure::ProofAlgorithm);
        assert_eq!(header(json!({ "alg": "HS256" })), DpopFailure::ProofAlgorithm);
        assert_eq!(header(json!({ "alg": "RS256" })), DpopFailure::ProofKey);
        assert_eq!(header(json!({ "jwk": jwk(&pair()) })), DpopFailure::ProofSignature);
        let claims = |claims: Value| with(json!({}), claims).unwrap_err();
        assert_eq!(claims(json!({ "jti": null })), DpopFailure::ProofMalformed);
        assert_eq!(claims(json!({ "jti": "" })), DpopFailure::ProofMalformed);
        assert_eq!(claims(json!({ "jti": "j".repeat(257) })), DpopFailure::ProofMalformed);
        assert_eq!(claims(json!({ "iat": "now" })), DpopFailure::ProofMalformed);
        assert_eq!(claims(json!({ "htm": "GET" })), DpopFailure::ProofMisdirected);
        assert_eq!(claims(json!({ "htm": "post" })), DpopFailure::ProofMisdirected);
        assert_eq!(
            claims(json!({ "htu": "https://id.example.com/oauth2/userinfo" })),
            DpopFailure::ProofMisdirected
        );
        assert_eq!(claims(json!({ "iat": NOW - 61 })), DpopFailure::ProofStale);
        assert_eq!(claims(json!({ "iat": NOW + 61 })), DpopFailure::ProofStale);
        assert_eq!(claims(json!({ "iat": i64::MIN })), DpopFailure::ProofStale);
        for iat in [NOW - 60, NOW + 60] {
            assert!(with(json!({}), json!({ "iat": iat })).is_ok(), "{iat}");
        }
    }

    #[test]
    fn a_proof_with_a_token_must_be_of_that_token() {
        let pair = pair();
        let header = json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": jwk(&pair) });
        let proof = |ath: Value| {
            let claims = json!({ "jti": "a", "htm": "POST", "htu": URL, "iat": NOW, "ath": ath });
            read(&signed(&pair, &header, &claims), Some("token"))
        };
        assert!(proof(sha256_base64url(b"token").into()).is_ok());
        for ath in [json!(sha256_base64url(b"other")), json!("token"), Value::Null] {
            assert_eq!(proof(ath).unwrap_err(), DpopFailure::ProofWrongToken);
        }
    }

    #[test]
    fn rubbish_is_malformed() {
        for sent in ["", "a", "a.b.c", "..", "a.b.c.d", "e30.e30.", &"x".repeat(5000)] {
            assert_eq!(read(sent, None).unwrap_err(), DpopFailure::ProofMalformed, "{sent}");
        }
    }

    #[test]
    fn query_fragment_case_and_default_port_do_not_matter() {
        for sent in [
            "https://id.example.com/oauth2/token?x=1#y",
            "HTTPS://ID.example.com:443/oauth2/token",
            "https://id.example.com/oauth2/./token",
        ] {
            assert!(same_address(sent, URL), "{sent}");
        }
        for sent in [
            "",
            "/oauth2/token",
            "http://id.example.com/oauth2/token",
            "https://id.example.com:8443/oauth2/token",
            "https://id.example.com/oauth2/token/",
            "https://me@id.example.com/oauth2/token",
            "https://id.example.com.evil.example/oauth2/token",
        ] {
            assert!(!same_address(sent, URL), "{sent}");
        }
    }
}
