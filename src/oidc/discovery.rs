//! The discovery document (OpenID Connect Discovery 1.0 §3, RFC 8414). Pure; made once, kept as ready bytes.
//!
//! Only registered metadata names, and only what works: a client that configures itself from this must not run into a wall.

use std::sync::Arc;

use serde_json::json;

use super::{
    authorize::RESPONSE_MODES, claims::published, client::AuthMethod, client_keys::ClientAlg, dpop, keys::Alg,
    scope::SUPPORTED,
};

/// What ID tokens say by themselves.
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

/// The document of this issuer, the same under both well-known names.
pub fn document(issuer: &str) -> Arc<[u8]> {
    let at = |path: &str| format!("{issuer}{path}");
    let algorithms: Vec<_> = Alg::ALL.into_iter().map(Alg::word).collect();
    let confidential: Vec<_> = AuthMethod::WORDS.into_iter().filter(|word| *word != "none").collect();
    let of_clients = ClientAlg::ALL.map(ClientAlg::word);
    let claims: Vec<_> = PROTOCOL_CLAIMS.into_iter().chain(published()).collect();
    let document = json!({
        "issuer": issuer,
        "authorization_endpoint": at("/oauth2/authorize"),
        "token_endpoint": at("/oauth2/token"),
        "userinfo_endpoint": at("/oauth2/userinfo"),
        "jwks_uri": at("/oauth2/jwks"),
        "end_session_endpoint": at("/oauth2/logout"),
        "introspection_endpoint": at("/oauth2/introspect"),
        "revocation_endpoint": at("/oauth2/revoke"),
        "scopes_supported": SUPPORTED,
        "response_types_supported": ["code"],
        "response_modes_supported": RESPONSE_MODES,
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": algorithms,
        "userinfo_signing_alg_values_supported": algorithms,
        "token_endpoint_auth_methods_supported": AuthMethod::WORDS,
        "token_endpoint_auth_signing_alg_values_supported": of_clients,
        "introspection_endpoint_auth_methods_supported": confidential,
        "introspection_endpoint_auth_signing_alg_values_supported": of_clients,
        "revocation_endpoint_auth_methods_supported": AuthMethod::WORDS,
        "revocation_endpoint_auth_signing_alg_values_supported": of_clients,
        "claim_types_supported": ["normal"],
        "claims_supported": claims,
        "claims_parameter_supported": true,
        "acr_values_supported": crate::signin::acr::SUPPORTED,
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login", "select_account", "consent"],
        "ui_locales_supported": ["zh-CN", "en"],
        "pushed_authorization_request_endpoint": at("/oauth2/par"),
        "require_pushed_authorization_requests": false,
        "request_parameter_supported": true,
        "require_signed_request_object": false,
        "request_object_signing_alg_values_supported": ClientAlg::ASYMMETRIC.map(ClientAlg::word),
        "request_uri_parameter_supported": false,
        "authorization_response_iss_parameter_supported": true,
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
