//! The discovery document (OpenID Connect Discovery 1.0 §3, RFC 8414). Pure; made once, kept as ready bytes.
//!
//! It holds only registered metadata names, and only what is supported: a client that configures itself from it must not be refused later.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{
    authorize::destination::RESPONSE_MODES, claims::published, client::AuthMethod, client_keys::jwt::ClientAlg,
    dpop::key::ALGORITHMS as DPOP_ALGORITHMS, keys::alg::Alg, scope::SUPPORTED,
};
use crate::signin::{acr, passkey::RelyingParty};

/// Claims of ID tokens that are set by the protocol.
const PROTOCOL_CLAIMS: [&str; 11] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "sid",
    "at_hash",
];

/// Builds the discovery document of this issuer, the same under both well-known names.
pub fn document(issuer: &str) -> Arc<[u8]> {
    let parts = [core(issuer), clients(issuer), requests(issuer), logout()];
    let document: Map<String, Value> = parts
        .into_iter()
        .filter_map(|part| match part {
            Value::Object(part) => Some(part),
            _ => None,
        })
        .flatten()
        .collect();
    serde_json::to_vec(&document).unwrap_or_default().into()
}

/// Issuer, userinfo, key set, scopes, subject types, claims and authentication context classes.
fn core(issuer: &str) -> Value {
    let algorithms: Vec<_> = Alg::ALL.into_iter().map(Alg::word).collect();
    let claims: Vec<_> = PROTOCOL_CLAIMS.into_iter().chain(published()).collect();
    let passkeys = RelyingParty::at(issuer).is_some();
    let classes = acr::SUPPORTED
        .into_iter()
        .filter(|class| passkeys || *class != acr::PASSKEY);
    let classes: Vec<_> = classes.collect();
    json!({
        "issuer": issuer,
        "userinfo_endpoint": format!("{issuer}/oauth2/userinfo"),
        "jwks_uri": format!("{issuer}/oauth2/jwks"),
        "scopes_supported": SUPPORTED,
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": algorithms,
        "userinfo_signing_alg_values_supported": algorithms,
        "claim_types_supported": ["normal"],
        "claims_supported": claims,
        "claims_parameter_supported": true,
        "acr_values_supported": classes,
        "ui_locales_supported": ["zh-CN", "en"],
    })
}

/// The endpoints clients call from their servers, grant types and client authentication methods.
fn clients(issuer: &str) -> Value {
    let at = |path: &str| format!("{issuer}/oauth2/{path}");
    let confidential: Vec<_> = AuthMethod::WORDS.into_iter().filter(|word| *word != "none").collect();
    let of_clients = ClientAlg::ALL.map(ClientAlg::word);
    json!({
        "token_endpoint": at("token"),
        "introspection_endpoint": at("introspect"),
        "revocation_endpoint": at("revoke"),
        "registration_endpoint": at("register"),
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials", "urn:ietf:params:oauth:grant-type:device_code"],
        "token_endpoint_auth_methods_supported": AuthMethod::WORDS,
        "token_endpoint_auth_signing_alg_values_supported": of_clients,
        "introspection_endpoint_auth_methods_supported": confidential,
        "introspection_endpoint_auth_signing_alg_values_supported": of_clients,
        "revocation_endpoint_auth_methods_supported": AuthMethod::WORDS,
        "revocation_endpoint_auth_signing_alg_values_supported": of_clients,
        "dpop_signing_alg_values_supported": DPOP_ALGORITHMS,
    })
}

/// The endpoints that begin an interaction with a person, and what authorization requests may contain.
fn requests(issuer: &str) -> Value {
    let at = |path: &str| format!("{issuer}/oauth2/{path}");
    json!({
        "authorization_endpoint": at("authorize"),
        "pushed_authorization_request_endpoint": at("par"),
        "device_authorization_endpoint": at("device_authorization"),
        "end_session_endpoint": at("logout"),
        "response_types_supported": ["code"],
        "response_modes_supported": RESPONSE_MODES,
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login", "select_account", "consent"],
        "require_pushed_authorization_requests": false,
        "request_parameter_supported": true,
        "require_signed_request_object": false,
        "request_object_signing_alg_values_supported": ClientAlg::ASYMMETRIC.map(ClientAlg::word),
        "request_uri_parameter_supported": false,
        "authorization_response_iss_parameter_supported": true,
    })
}

/// Support of back-channel and front-channel logout.
pub(in crate::oidc) fn logout() -> Value {
    json!({
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "frontchannel_logout_supported": true,
        "frontchannel_logout_session_supported": true,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::document;

    #[test]
    fn every_endpoint_lies_under_the_issuer_and_rs256_is_offered() {
        let document: Value = serde_json::from_slice(&document("https://id.example.com")).unwrap();
        assert_eq!(document["issuer"], "https://id.example.com");
        for (name, value) in document.as_object().unwrap() {
            if name.ends_with("_endpoint") || name == "jwks_uri" {
                assert!(
                    value.as_str().unwrap().starts_with("https://id.example.com/oauth2/"),
                    "{name}"
                );
            }
        }
        let algorithms = document["id_token_signing_alg_values_supported"].as_array().unwrap();
        assert!(algorithms.contains(&"RS256".into()));
        assert_eq!(
            document["code_challenge_methods_supported"],
            serde_json::json!(["S256"])
        );
    }
}
