//! Validation of a client's own public keys: `jwks` or `jwks_uri` (RFC 7591 §2, RFC 7517).
//!
//! Keys of kinds that nothing here uses are kept all the same; a private or symmetric key is refused, so that we never hold one.

use std::collections::HashSet;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use crate::{
    kernel::validation::ValidationErrors,
    oidc::{metadata::Metadata, registration::addresses},
};

/// Most keys of one client.
const MOST: usize = 20;
/// Longest key as JSON, bytes: RSA with 8192 bits and a certificate chain fit.
const LONGEST: usize = 16 * 1024;
/// Members that only private and symmetric keys have (RFC 7518 §6.3.2, §6.2.2, §6.4).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

pub(super) fn note(faults: &mut ValidationErrors, metadata: &Metadata) {
    if let Some(address) = &metadata.jwks_uri {
        addresses::check_server(faults, "metadata.jwks_uri", address);
    }
    let Some(jwks) = &metadata.jwks else { return };
    faults.check(
        metadata.jwks_uri.is_none(),
        "metadata.jwks",
        "cannot be given together with jwks_uri",
    );
    let keys = jwks.get("keys").and_then(Value::as_array);
    let Some(keys) = keys.filter(|keys| (1..=MOST).contains(&keys.len())) else {
        faults.add("metadata.jwks", format_args!("needs a JWK Set with 1 to {MOST} keys"));
        return;
    };
    let mut names = HashSet::new();
    for (index, key) in keys.iter().enumerate() {
        let place = format!("metadata.jwks.keys[{index}]");
        match key.as_object().map_or(Some("must be a JSON object"), fault) {
            Some(fault) => faults.add(&place, fault),
            None => {
                let name = key.get("kid").and_then(Value::as_str);
                let fresh = name.is_none_or(|name| names.insert(name));
                faults.check(fresh, &place, "has the kid of another key");
            }
        }
    }
}

fn fault(key: &Map<String, Value>) -> Option<&'static str> {
    if PRIVATE.iter().any(|member| key.contains_key(*member)) {
        return Some("must be a public key: it holds private or symmetric material");
    }
    let text = serde_json::to_string(key).unwrap_or_default();
    // PostgreSQL stores no NUL.
    if text.len() > LONGEST || text.contains("\\u0000") {
        return Some("is longer than 16 KiB or holds a NUL");
    }
    if !word(key, "kid", 256) || !word(key, "alg", 32) || !word(key, "use", 32) {
        return Some("needs short texts as kid, alg and use, where it has them");
    }
    let fits = match key.get("kty").and_then(Value::as_str) {
        // RFC 7518 §3.3: 2048 bits or more.
        Some("RSA") => length(key, "n").is_some_and(|n| (256..=1024).contains(&n)) && length(key, "e").is_some(),
        Some("EC") => is_ec(key),
        Some("OKP") => is_okp(key),
        _ => return Some("needs the kty RSA, EC or OKP"),
    };
    (!fits).then_some("is malformed or too weak")
}

/// Whether a member is absent, or a text of printable characters of at most `longest` bytes.
fn word(key: &Map<String, Value>, member: &str, longest: usize) -> bool {
    match key.get(member) {
        None => true,
        Some(Value::String(text)) => (1..=longest).contains(&text.len()) && !text.chars().any(char::is_control),
        Some(_) => false,
    }
}

/// Decoded length of a base64url member, bytes; `None` when there are none.
fn length(key: &Map<String, Value>, member: &str) -> Option<usize> {
    let bytes = URL_SAFE_NO_PAD.decode(key.get(member)?.as_str()?).ok()?;
    (!bytes.is_empty()).then_some(bytes.len())
}

fn is_ec(key: &Map<String, Value>) -> bool {
    let size = match key.get("crv").and_then(Value::as_str) {
        Some("P-256") => 32,
        Some("P-384") => 48,
        Some("P-521") => 66,
        _ => return false,
    };
    length(key, "x") == Some(size) && length(key, "y") == Some(size)
}

/// Whether an OKP key is well-formed (RFC 8037): the curves for signatures, and those for key agreement.
fn is_okp(key: &Map<String, Value>) -> bool {
    let size = match key.get("crv").and_then(Value::as_str) {
        Some("Ed25519" | "X25519") => 32,
        Some("Ed448") => 57,
        Some("X448") => 56,
        _ => return false,
    };
    length(key, "x") == Some(size)
}
