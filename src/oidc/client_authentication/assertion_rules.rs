//! Rules for the claims of a client assertion (OpenID Connect Core section 9, RFC 7523 §3), as an ordered table. Pure.
//!
//! Applied after the signature was verified: who reads these answers holds the client's key.

use serde_json::{Map, Value};

use super::failure::AuthenticationFailure;
use crate::kernel::validation::is_line;
use crate::oidc::{
    client::Client,
    client_keys::jwt::{FUTURE_LEEWAY, Jwt, numeric_date},
    security_profile::{self, Audience, ClientSignature, permits},
};

/// Seconds an assertion counts after its `exp`, because clocks differ.
pub const LEEWAY: i64 = 60;
/// Furthest `exp` may lie ahead, seconds: the `jti` is stored as long.
const LONGEST: i64 = 10 * 60;
/// Longest `jti`, bytes.
const LONGEST_JTI: usize = 1024;
/// Values of `typ` that are accepted; it may also be absent.
const TYPES: [&str; 2] = ["jwt", "client-authentication+jwt"];

/// What an assertion is compared with.
pub struct Expected<'a> {
    /// The client it should be of.
    pub client: &'a Client,
    /// Our issuer.
    pub issuer: &'a str,
    /// Endpoint addresses that are accepted as `aud` besides.
    pub endpoints: &'a [String],
    /// Current time, seconds.
    pub now: i64,
}

/// What is needed to consume a valid assertion.
pub struct Proof<'a> {
    /// Its id, to be used once.
    pub jti: &'a str,
    /// When it ends, seconds.
    pub expires: i64,
}

struct PresentedAssertion<'a> {
    jwt: &'a Jwt<'a>,
    claims: &'a Map<String, Value>,
}

impl PresentedAssertion<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        self.claims.get(name).and_then(Value::as_str)
    }
}

type Rule = fn(&PresentedAssertion<'_>, &Expected<'_>) -> Result<(), AuthenticationFailure>;

const RULES: &[Rule] = &[
    algorithm,
    media_type,
    of_this_use,
    issuer_and_subject,
    audience,
    lifetime,
    not_before_and_issued_at,
];

/// Applies all rules in order.
///
/// # Errors
/// The first failure.
pub fn judge<'a>(
    jwt: &'a Jwt<'a>,
    claims: &'a Map<String, Value>,
    expected: &Expected<'_>,
) -> Result<Proof<'a>, AuthenticationFailure> {
    let presented = PresentedAssertion { jwt, claims };
    for rule in RULES {
        rule(&presented, expected)?;
    }
    let jti = claims.get("jti").and_then(Value::as_str);
    let jti = jti.filter(|jti| (1..=LONGEST_JTI).contains(&jti.len()) && is_line(jti));
    Ok(Proof {
        jti: jti.ok_or(AuthenticationFailure::AssertionName)?,
        expires: date(claims, "exp")?.ok_or(AuthenticationFailure::AssertionLifetime)?,
    })
}

fn date(claims: &Map<String, Value>, name: &str) -> Result<Option<i64>, AuthenticationFailure> {
    numeric_date(claims, name).map_err(|()| AuthenticationFailure::AssertionLifetime)
}

fn algorithm(shown: &PresentedAssertion<'_>, expected: &Expected<'_>) -> Result<(), AuthenticationFailure> {
    let fits = permits(expected.client, ClientSignature::ClientAssertion, shown.jwt.alg);
    fits.then_some(()).ok_or(AuthenticationFailure::AssertionAlgorithm)
}

/// A JWT made for another use does not prove a client (RFC 8725 §3.11).
fn media_type(shown: &PresentedAssertion<'_>, _: &Expected<'_>) -> Result<(), AuthenticationFailure> {
    let fits = shown.jwt.typ.as_deref().is_none_or(|typ| TYPES.contains(&typ));
    fits.then_some(()).ok_or(AuthenticationFailure::AssertionMediaType)
}

/// A signed authorization request does not prove a client either: it passes through browsers and their histories (RFC 9101 §10.8).
fn of_this_use(shown: &PresentedAssertion<'_>, _: &Expected<'_>) -> Result<(), AuthenticationFailure> {
    let asks = ["response_type", "redirect_uri"]
        .iter()
        .any(|name| shown.claims.contains_key(*name));
    (!asks).then_some(()).ok_or(AuthenticationFailure::AssertionMediaType)
}

fn issuer_and_subject(shown: &PresentedAssertion<'_>, expected: &Expected<'_>) -> Result<(), AuthenticationFailure> {
    let client_id = Some(expected.client.client_id.as_str());
    let same = shown.text("iss") == client_id && shown.text("sub") == client_id;
    same.then_some(()).ok_or(AuthenticationFailure::AssertionParty)
}

/// An assertion that names somebody else besides could be shown there too, and be replayed here by whom it was shown to.
fn audience(shown: &PresentedAssertion<'_>, expected: &Expected<'_>) -> Result<(), AuthenticationFailure> {
    let is_ours = |aud: &Value| {
        aud.as_str()
            .is_some_and(|aud| aud == expected.issuer || expected.endpoints.iter().any(|endpoint| endpoint == aud))
    };
    let fits = match (shown.claims.get("aud"), security_profile::of(expected.client).audience) {
        (Some(aud), Audience::Issuer) => aud.as_str() == Some(expected.issuer),
        (Some(Value::Array(several)), Audience::IssuerOrEndpoint) => !several.is_empty() && several.iter().all(is_ours),
        (Some(aud), Audience::IssuerOrEndpoint) => is_ours(aud),
        (None, _) => false,
    };
    fits.then_some(()).ok_or(AuthenticationFailure::AssertionAudience)
}

fn lifetime(shown: &PresentedAssertion<'_>, expected: &Expected<'_>) -> Result<(), AuthenticationFailure> {
    let lives = date(shown.claims, "exp")?
        .is_some_and(|exp| exp.saturating_add(LEEWAY) > expected.now && exp <= expected.now + LONGEST + LEEWAY);
    lives.then_some(()).ok_or(AuthenticationFailure::AssertionLifetime)
}

fn not_before_and_issued_at(
    shown: &PresentedAssertion<'_>,
    expected: &Expected<'_>,
) -> Result<(), AuthenticationFailure> {
    for name in ["nbf", "iat"] {
        if date(shown.claims, name)?.is_some_and(|moment| moment > expected.now + FUTURE_LEEWAY) {
            return Err(AuthenticationFailure::AssertionEarly);
        }
    }
    Ok(())
}
