//! Resource indicators: which resource servers a token is for, at every endpoint that takes `resource`.

use serde_json::{Value, json};

use super::{Answer, alone, authorize, code, machine, redeem, refresh, signed_in, unbound_tokens, userinfo};
use crate::{actors::claims, fixture::Fixture, scenario};

const A: &str = "https://a.example/api";
const B: &str = "https://b.example/";
const BOTH: &str = "&resource=https%3A%2F%2Fa.example%2Fapi&resource=https%3A%2F%2Fb.example%2F";

fn registered() -> Value {
    json!({ "metadata": { "resources": [A, B] } })
}

fn aud(answer: &Answer) -> Value {
    claims(answer.text("access_token"))["aud"].clone()
}

// RFC 8707 section 2.1 and 2.2.
scenario!(
    a_token_is_for_the_resources_of_its_grant_or_for_some_of_them,
    |fixture: Fixture| async move {
        let (portal, browser) = signed_in(&fixture, registered()).await;
        let all = unbound_tokens(&fixture, &portal, &browser, BOTH).await;
        assert_eq!(aud(&all), json!([A, B]));
        let fresh = code(&portal, &browser, BOTH).await;
        let one = redeem(&fixture, &portal, &fresh, &[("resource", B)], &[]).await;
        assert_eq!(aud(&one), B);
        // Narrowed once, the grant is as wide as before; narrowed at authorization, it stays narrow.
        let again = refresh(&fixture, &portal, &one, &[], &[]).await;
        assert_eq!(aud(&again), json!([A, B]));
        let narrow = refresh(&fixture, &portal, &again, &[("resource", A), ("resource", A)], &[]).await;
        assert_eq!(aud(&narrow), A);
        let only_a = "&resource=https%3A%2F%2Fa.example%2Fapi";
        let small = unbound_tokens(&fixture, &portal, &browser, only_a).await;
        let wider = refresh(&fixture, &portal, &small, &[("resource", B)], &[]).await;
        assert_eq!(wider.refusal(), (400, "invalid_target"));
        let kept = refresh(&fixture, &portal, &small, &[], &[]).await;
        assert_eq!(aud(&kept), A, "the refused try used the refresh token up");
    }
);

scenario!(
    userinfo_takes_only_tokens_that_are_for_us_too,
    |fixture: Fixture| async move {
        let us = fixture.base.clone();
        let (portal, browser) = signed_in(&fixture, json!({ "metadata": { "resources": [A, us] } })).await;
        let ours = unbound_tokens(&fixture, &portal, &browser, "").await;
        assert_eq!(aud(&ours), us);
        assert_eq!(
            userinfo(&fixture, "Bearer", ours.text("access_token"), &[])
                .await
                .status,
            200
        );
        let only_a = "&resource=https%3A%2F%2Fa.example%2Fapi";
        let theirs = unbound_tokens(&fixture, &portal, &browser, only_a).await;
        let token = theirs.text("access_token");
        assert_eq!(
            userinfo(&fixture, "Bearer", token, &[]).await.refusal(),
            (401, "invalid_token")
        );
        let known = portal.introspect(token).await;
        assert_eq!((&known["active"], &known["aud"]), (&json!(true), &json!(A)));
        let both = format!("{only_a}&resource={}", us.replace(':', "%3A").replace('/', "%2F"));
        let shared = unbound_tokens(&fixture, &portal, &browser, &both).await;
        let token = shared.text("access_token");
        assert_eq!(userinfo(&fixture, "Bearer", token, &[]).await.status, 200);
        assert_eq!(portal.introspect(token).await["aud"], json!([A, us]));
    }
);

scenario!(
    other_resources_than_the_registered_are_invalid_target,
    |fixture: Fixture| async move {
        let (portal, browser) = signed_in(&fixture, registered()).await;
        let machine = machine(&fixture, json!({ "resources": [A] })).await;
        for resource in [
            "https://c.example/",
            "https://a.example/api/",
            "https://a.example/api#x",
            "https://a.example/api#",
            "/api",
            "a.example",
            "%",
        ] {
            let encoded: String = resource.bytes().map(|byte| format!("%{byte:02X}")).collect();
            let page = authorize(&portal, &browser, &format!("&resource={encoded}")).await;
            assert_eq!(page.returned("error").as_deref(), Some("invalid_target"), "{resource}");
            assert_eq!(page.returned("code"), None);
            let fresh = code(&portal, &browser, BOTH).await;
            let refused = redeem(&fixture, &portal, &fresh, &[("resource", resource)], &[]).await;
            assert_eq!(refused.refusal(), (400, "invalid_target"), "{resource}");
            assert_eq!(redeem(&fixture, &portal, &fresh, &[], &[]).await.status, 200);
            let refused = alone(&fixture, &machine, &[("resource", resource)], &[]).await;
            assert_eq!(refused.refusal(), (400, "invalid_target"), "{resource}");
        }
        // Registered, but not asked for at the authorization endpoint.
        let fresh = code(&portal, &browser, "").await;
        let wider = redeem(&fixture, &portal, &fresh, &[("resource", A)], &[]).await;
        assert_eq!(wider.refusal(), (400, "invalid_target"));
    }
);

scenario!(a_client_names_resources_for_itself, |fixture: Fixture| async move {
    let machine = machine(&fixture, json!({ "resources": [A, B] })).await;
    let both = alone(&fixture, &machine, &[("resource", B), ("resource", A)], &[]).await;
    assert_eq!(aud(&both), json!([B, A]));
    assert_eq!(aud(&alone(&fixture, &machine, &[("resource", A)], &[]).await), A);
    assert_eq!(aud(&alone(&fixture, &machine, &[], &[]).await), fixture.base.as_str());
});

scenario!(
    a_resource_taken_out_of_the_registration_is_refused_at_refresh,
    |fixture: Fixture| async move {
        let (portal, browser) = signed_in(&fixture, registered()).await;
        let tokens = unbound_tokens(&fixture, &portal, &browser, BOTH).await;
        let change = json!({ "metadata": { "resources": [A] } });
        fixture.admin().change(&format!("clients/{}", portal.id), change).await;
        let refused = refresh(&fixture, &portal, &tokens, &[], &[]).await;
        assert_eq!(refused.refusal(), (400, "invalid_target"));
        assert_eq!(
            aud(&refresh(&fixture, &portal, &tokens, &[("resource", A)], &[]).await),
            A
        );
    }
);

// RFC 6749 section 3.1: duplicates are refused, of this one parameter they are not.
scenario!(only_resource_may_be_repeated, |fixture: Fixture| async move {
    let (portal, browser) = signed_in(&fixture, registered()).await;
    let twice = authorize(&portal, &browser, "&scope=openid").await;
    assert_eq!(twice.returned("error").as_deref(), Some("invalid_request"));
    let twice = authorize(&portal, &browser, &format!("{BOTH}&dpop_jkt=x&dpop_jkt=x")).await;
    assert_eq!(twice.returned("error").as_deref(), Some("invalid_request"));
    let machine = machine(&fixture, json!({ "resources": [A] })).await;
    let twice = alone(
        &fixture,
        &machine,
        &[("scope", "a"), ("scope", "a"), ("resource", A)],
        &[],
    )
    .await;
    assert_eq!(twice.refusal(), (400, "invalid_request"));
});
