//! The discovery document (OpenID Connect Discovery 1.0 §3, RFC 8414). Pure; made once, kept as ready bytes.
//!
//! Only registered metadata names, and only what works: a client that configures itself from this must not run into a wall.

use std::sync::Arc;

use serde_json::json;

use super::{authorize::RESPONSE_MODES, claims::published, client::AuthMethod, dpop, keys::Alg, scope::SUPPORTED};

/// What ID tokens say by themselves.
const PROTOCOL_CLAIMS: [&str; 10] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "amr",
    "sid",
    "at_hash",
];

/// The document of this issuer, the same under both well-known names.
pub fn document(issuer: &str) -> Arc<[u8]> {
    let at = |path: &str| format!("{issuer}{path}");
    let algorithms: Vec<_> = Alg::ALL.into_iter().map(Alg::word).collect();
    let claims: Vec<_> = PROTOCOL_CLAIMS.into_iter().chain(published()).collect();
    let confidential = ["client_secret_basic", "client_secret_post"];
    let document = json!({
        "issuer": issuer,
        "authorization_endpoint": at("/oauth2/authorize"),
        "token_endpoint": at("/oauth2/token"),
        "userinfo_endpoint": at("/oauth2/userinfo"),
        "jwks_uri": at("/oauth2/jwks"),
        "end_session_endpoint": at("/oauth2/logout"),
        "introspection_endpoint": at("/oauth2/introspect"),
        "revocation_endpoint": at("/oauth2/revoke"),
        "device_authorization_endpoint": at("/oauth2/device_authorization"),
        "scopes_supported": SUPPORTED,
        "response_types_supported": ["code"],
        "response_modes_supported": RESPONSE_MODES,
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials", "urn:ietf:params:oauth:grant-type:device_code"],
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": algorithms,
        "userinfo_signing_alg_values_supported": algorithms,
        "token_endpoint_auth_methods_supported": AuthMethod::WORDS,
        "introspection_endpoint_auth_methods_supported": confidential,
        "revocation_endpoint_auth_methods_supported": AuthMethod::WORDS,
        "claim_types_supported": ["normal"],
        "claims_supported": claims,
        "claims_parameter_supported": true,
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login", "select_account", "consent"],
        "ui_locales_supported": ["zh-CN", "en"],
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "authorization_response_iss_parameter_supported": true,
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "frontchannel_logout_supported": true,
        "frontchannel_logout_session_supported": true,
        "dpop_signing_alg_values_supported": dpop::ALGORITHMS,
    });
    serde_json::to_vec(&document).unwrap_or_default().into()
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
