//! Property tests: on any input the pure rules neither panic nor answer anything but a fault in printable ASCII.

use proptest::prelude::{any, prop, proptest};

use super::samples;
use crate::oidc::{
    authorize::{
        checks::table::run as run_checks,
        destination::{Destination, ResponseMode},
    },
    bearer::BearerCredentials,
    client::is_client_id,
    client_authentication::credentials::Credentials,
    client_keys::jwt::Jwt,
    dpop::proof_target::ProofTarget,
    params::{Params, encode, with_query},
    pkce,
};

proptest! {
    #[test]
    fn any_bytes_are_a_request_or_a_clean_fault(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let client = samples::client("https://p/cb");
        let params = Params::parse(&bytes);
        let to = Destination::of(&client, "https://p/cb", "https://id").unwrap();
        if let Err(fault) = run_checks(&params, &client, false) {
            let answer = to.with(ResponseMode::Query, params.owned("state")).refuse(&fault);
            let location = answer.location();
            assert!(location.starts_with("https://p/cb?error="));
            assert!(location.bytes().all(|byte| byte.is_ascii_graphic()));
        }
    }

    #[test]
    fn any_header_is_credentials_or_a_fault(header in "\\PC*", form in prop::collection::vec(any::<u8>(), 0..100)) {
        let params = Params::parse(&form);
        if let Ok(credentials) = Credentials::of(Some(&header), &params) {
            std::hint::black_box(is_client_id(credentials.client_id()));
        }
        let place = ProofTarget::post("/oauth2/userinfo");
        drop(BearerCredentials::of(Some(&header), Some(&form), place, Some(&header)));
    }

    #[test]
    fn any_text_is_a_jwt_or_none(text in "\\PC{0,200}", parts in prop::collection::vec(any::<u8>(), 0..60)) {
        use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
        let none = Jwt::read(&text).is_none();
        let jwt = format!("eyJhbGciOiJFUzI1NiJ9.{}.{text}", URL_SAFE_NO_PAD.encode(&parts));
        if let Some(jwt) = Jwt::read(&jwt) {
            assert!(none && jwt.verify_with_jwks(&serde_json::json!({ "keys": [{ "kty": "EC", "crv": "P-256" }, 1] })).is_none());
        }
        let form = encode([("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"), ("client_assertion", jwt.as_str())]);
        drop(Credentials::of(None, &Params::parse(form.as_bytes())));
    }

    #[test]
    fn what_is_encoded_is_read_back(value in any::<String>()) {
        let address = with_query("https://p/cb?k=v", &encode([("state", value.as_str())]));
        let query = address.split_once('?').unwrap().1;
        let read = Params::parse(query.as_bytes());
        assert_eq!(read.get("state").unwrap_or_default(), value);
        assert_eq!(read.get("k"), Some("v"));
    }

    #[test]
    fn no_other_verifier_fits(verifier in "[A-Za-z0-9._~-]{43,128}") {
        let challenge = crate::crypto::digest::sha256_base64url(verifier.as_bytes());
        assert!(pkce::is_challenge(&challenge));
        assert!(pkce::fits(Some(&challenge), Some(&verifier)));
        let mut other = verifier.clone();
        other.replace_range(0..1, if verifier.starts_with('a') { "b" } else { "a" });
        assert!(!pkce::fits(Some(&challenge), Some(&other)));
    }
}
