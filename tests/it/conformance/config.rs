//! The profile "Config".

use serde_json::Value;

use crate::{fixture::Fixture, oidc::json_of, scenario};

/// Names registered for metadata of OpenID providers and authorization servers (IANA "OAuth Authorization Server Metadata", OpenID Discovery,
/// RP-Initiated, Back-Channel and Front-Channel Logout, Prompt Create).
const REGISTERED: &[&str] = &[
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "jwks_uri",
    "registration_endpoint",
    "scopes_supported",
    "response_types_supported",
    "response_modes_supported",
    "grant_types_supported",
    "acr_values_supported",
    "subject_types_supported",
    "id_token_signing_alg_values_supported",
    "userinfo_signing_alg_values_supported",
    "request_object_signing_alg_values_supported",
    "token_endpoint_auth_methods_supported",
    "token_endpoint_auth_signing_alg_values_supported",
    "display_values_supported",
    "claim_types_supported",
    "claims_supported",
    "service_documentation",
    "claims_locales_supported",
    "ui_locales_supported",
    "claims_parameter_supported",
    "request_parameter_supported",
    "request_uri_parameter_supported",
    "require_request_uri_registration",
    "op_policy_uri",
    "op_tos_uri",
    "revocation_endpoint",
    "revocation_endpoint_auth_methods_supported",
    "revocation_endpoint_auth_signing_alg_values_supported",
    "introspection_endpoint",
    "introspection_endpoint_auth_methods_supported",
    "introspection_endpoint_auth_signing_alg_values_supported",
    "code_challenge_methods_supported",
    "device_authorization_endpoint",
    "require_signed_request_object",
    "pushed_authorization_request_endpoint",
    "require_pushed_authorization_requests",
    "authorization_response_iss_parameter_supported",
    "dpop_signing_alg_values_supported",
    "end_session_endpoint",
    "backchannel_logout_supported",
    "backchannel_logout_session_supported",
    "frontchannel_logout_supported",
    "frontchannel_logout_session_supported",
    "prompt_values_supported",
    "protected_resources",
];

fn words(document: &Value, name: &str) -> Vec<String> {
    let list = document[name].as_array().unwrap_or_else(|| panic!("{name} is missing"));
    list.iter().map(|word| word.as_str().unwrap().to_owned()).collect()
}

scenario!(
    the_issuer_equals_the_discovery_base_and_every_endpoint_lies_below_it,
    |fixture: Fixture| async move {
        let document = json_of(&fixture, "/.well-known/openid-configuration").await;
        assert_eq!(document["issuer"], fixture.base.as_str());
        assert!(!fixture.base.contains(['?', '#']));
        for (name, value) in document.as_object().unwrap() {
            if name.ends_with("_endpoint") || name == "jwks_uri" {
                assert!(
                    value.as_str().unwrap().starts_with(&format!("{}/", fixture.base)),
                    "{name}: {value}"
                );
            }
        }
    }
);

scenario!(
    only_registered_metadata_names_are_published,
    |fixture: Fixture| async move {
        let document = json_of(&fixture, "/.well-known/openid-configuration").await;
        for name in document.as_object().unwrap().keys() {
            assert!(REGISTERED.contains(&name.as_str()), "{name} is not registered");
        }
    }
);

scenario!(
    rs256_is_offered_wherever_signing_algorithms_are_listed,
    |fixture: Fixture| async move {
        let document = json_of(&fixture, "/.well-known/openid-configuration").await;
        assert!(words(&document, "id_token_signing_alg_values_supported").contains(&"RS256".to_owned()));
        if document.get("request_object_signing_alg_values_supported").is_some() {
            assert!(words(&document, "request_object_signing_alg_values_supported").contains(&"RS256".to_owned()));
        }
        for name in [
            "scopes_supported",
            "claims_supported",
            "grant_types_supported",
            "response_types_supported",
            "subject_types_supported",
        ] {
            assert!(!words(&document, name).is_empty(), "{name}");
        }
        assert!(document["userinfo_endpoint"].is_string());
        assert_eq!(
            words(&document, "ui_locales_supported"),
            ["zh-CN", "en"],
            "canonical casing"
        );
    }
);

scenario!(every_published_endpoint_exists, |fixture: Fixture| async move {
    let document = json_of(&fixture, "/.well-known/openid-configuration").await;
    for (name, value) in document.as_object().unwrap() {
        if name.ends_with("_endpoint") {
            let answer = fixture
                .http
                .post(value.as_str().unwrap())
                .form(&[("a", "b")])
                .send()
                .await
                .unwrap();
            assert!(
                ![404, 405].contains(&answer.status().as_u16()),
                "{name}: {}",
                answer.status()
            );
        }
    }
});

scenario!(
    each_jwk_is_of_a_kind_clients_know_with_its_own_kid_and_unpadded_members,
    |fixture: Fixture| async move {
        let keys = json_of(&fixture, "/oauth2/jwks").await;
        for key in keys["keys"].as_array().unwrap() {
            assert!(["RSA", "EC", "OKP"].contains(&key["kty"].as_str().unwrap()), "{key}");
            assert!(
                ["RS256", "PS256", "ES256", "EdDSA"].contains(&key["alg"].as_str().unwrap()),
                "{key}"
            );
            assert_eq!(key["use"], "sig");
            for member in ["n", "e", "x", "y", "kid"] {
                if let Some(text) = key[member].as_str() {
                    let unpadded = text
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
                    assert!(unpadded && !text.is_empty(), "{member}: {text}");
                }
            }
        }
    }
);
