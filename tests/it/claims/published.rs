//! What discovery says about claims and subjects, and userinfo as a signed document.

use serde_json::json;

use super::{PROFILE, connect_and_sign_in};
use crate::{
    actors::{claims, header, id_claims},
    fixture::Fixture,
    oidc::json_of,
    scenario,
};

scenario!(
    discovery_publishes_what_claims_and_subjects_can_do,
    |fixture: Fixture| async move {
        let document = json_of(&fixture, "/.well-known/openid-configuration").await;
        assert_eq!(document["claims_parameter_supported"], true);
        let lists = |key: &str, value: &str| document[key].as_array().unwrap().contains(&json!(value));
        for claim in PROFILE {
            assert!(lists("claims_supported", claim), "{claim}");
        }
        for claim in [
            "sub",
            "email",
            "email_verified",
            "phone_number",
            "phone_number_verified",
            "address",
            "groups",
            "wecom",
        ] {
            assert!(lists("claims_supported", claim), "{claim}");
        }
        for scope in [
            "openid",
            "profile",
            "email",
            "phone",
            "address",
            "groups",
            "wecom",
            "offline_access",
        ] {
            assert!(lists("scopes_supported", scope), "{scope}");
        }
        assert_eq!(document["subject_types_supported"], json!(["public", "pairwise"]));
        assert!(lists("userinfo_signing_alg_values_supported", "RS256"));
    }
);

scenario!(
    userinfo_is_signed_for_a_client_that_registered_it,
    |fixture: Fixture| async move {
        let browser = connect_and_sign_in(&fixture).await;
        for alg in ["RS256", "ES256"] {
            let metadata = json!({ "userinfo_signed_response_alg": alg });
            let portal = fixture
                .portal(
                    &format!("signed-{}", alg.to_lowercase()),
                    json!({ "metadata": metadata }),
                )
                .await;
            let tokens = portal.tokens_silently(&browser, &[]).await;
            let request = fixture.http.get(format!("{}/oauth2/userinfo", fixture.base));
            let answer = request
                .bearer_auth(tokens["access_token"].as_str().unwrap())
                .send()
                .await
                .unwrap();
            assert_eq!(answer.headers()["content-type"], "application/jwt");
            assert_eq!(answer.headers()["cache-control"], "no-store");
            let jwt = answer.text().await.unwrap();
            assert_eq!(header(&jwt)["alg"], alg);
            let said = claims(&jwt);
            assert_eq!(said["iss"], fixture.base.as_str());
            assert_eq!(said["aud"], portal.client_id.as_str());
            assert_eq!(
                (&said["sub"], &said["name"]),
                (&id_claims(&tokens)["sub"], &json!("李华"))
            );
            let keys = json_of(&fixture, "/oauth2/jwks").await;
            let kid = &header(&jwt)["kid"];
            assert!(
                keys["keys"].as_array().unwrap().iter().any(|key| key["kid"] == *kid),
                "a published key"
            );
            // It is no ID token, and must not pass for one.
            let page = browser
                .get(&portal.authorize_url(&[("id_token_hint", &jwt), ("prompt", "none")]))
                .await;
            assert_eq!(page.returned("error").as_deref(), Some("invalid_request"));
        }
    }
);
