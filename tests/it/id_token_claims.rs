//! Portals that read nobody but the ID token: `id_token_claims`.

use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::{Portal, id_claims, text},
    claims::{connect_and_sign_in, userinfo},
    device::{self, GRANT, answer, poll},
    fixture::Fixture,
    scenario,
};

const SCOPE: &str = "openid profile email groups wecom offline_access";
/// What is no claim about the person.
const PROTOCOL: [&str; 11] = [
    "iss",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "sid",
    "acr",
    "amr",
    "at_hash",
    "azp",
];

fn personal(tokens: &Value) -> Value {
    let mut claims = id_claims(tokens);
    let members = claims.as_object_mut().unwrap();
    members.retain(|name, _| !PROTOCOL.contains(&name.as_str()));
    claims
}

async fn registered(fixture: &Fixture, client_id: &str, setting: Value) -> Portal {
    let mut metadata = json!({
        "grant_types": ["authorization_code", "refresh_token", GRANT],
        "claims": { "map": [{ "claim": "role", "value": "viewer" }, { "claim": "email", "template": "{userid}@corp.example" }] },
    });
    crate::fixture::lay_over(&mut metadata, setting);
    fixture.portal(client_id, json!({ "metadata": metadata })).await
}

scenario!(
    one_setting_puts_what_the_granted_scopes_give_into_every_id_token,
    |fixture: Fixture| async move {
        let browser = connect_and_sign_in(&fixture).await;
        let thin = registered(&fixture, "thin", json!({})).await;
        let full = registered(&fixture, "full", json!({ "id_token_claims": "scopes" })).await;
        let tokens = thin.tokens_silently(&browser, &[("scope", SCOPE)]).await;
        assert_eq!(
            personal(&tokens).as_object().unwrap().len(),
            1,
            "sub alone: {}",
            personal(&tokens)
        );

        let tokens = full.tokens_silently(&browser, &[("scope", SCOPE)]).await;
        let told = userinfo(&full, &tokens).await;
        for claim in ["name", "preferred_username", "email", "groups", "wecom", "role"] {
            assert!(told.get(claim).is_some(), "{claim} in {told}");
        }
        assert_eq!(personal(&tokens), told, "code flow");
        let renewed = full.refresh(text(&tokens, "refresh_token")).await;
        assert_eq!(personal(&renewed.body), told, "refresh");
        let narrowed = [
            ("grant_type", "refresh_token"),
            ("refresh_token", text(&renewed.body, "refresh_token")),
            ("scope", "openid email"),
        ];
        let narrowed = full.token(&narrowed).await.body;
        assert_eq!(
            personal(&narrowed),
            userinfo(&full, &narrowed).await,
            "narrowed refresh"
        );
        assert!(personal(&narrowed).get("name").is_none());

        let form = [("scope", SCOPE), ("client_id", full.client_id.as_str())];
        let issued = device::ask(&fixture, &full, &form).await.body;
        answer(&fixture, &browser, &issued, "allow").await;
        let tokens = poll(&full, &issued).await.body;
        assert_eq!(personal(&tokens), told, "device");
    }
);

scenario!(what_no_scope_gives_is_in_no_id_token, |fixture: Fixture| async move {
    let browser = connect_and_sign_in(&fixture).await;
    let full = registered(&fixture, "full", json!({ "id_token_claims": "scopes", "claims": {} })).await;
    let tokens = full.tokens_silently(&browser, &[("scope", "openid")]).await;
    assert_eq!(personal(&tokens), json!({ "sub": id_claims(&tokens)["sub"] }));
    let path = format!("clients/{}", full.id);
    let admin = fixture.admin();
    admin.change(&path, json!({ "scopes": ["openid", "profile"] })).await;
    let tokens = full.tokens_silently(&browser, &[("scope", "openid profile")]).await;
    let claims = personal(&tokens);
    assert_eq!(claims["preferred_username"], sample::NORMAL);
    assert!(
        claims.get("email").is_none() && claims.get("groups").is_none(),
        "{claims}"
    );
    let wrong = json!({ "metadata": { "id_token_claims": "all" } });
    assert_eq!(admin.call("PATCH", &path, Some(wrong)).await.status, 422);
});
