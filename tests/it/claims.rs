//! What a portal is told about a person: the standard claims by scope, by name (`claims`), and under the portal's own rules.

mod groups;
mod published;
mod subjects;

use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::{Browser, Portal, id_claims, text},
    fixture::Fixture,
    scenario,
};

/// The 14 claims of `scope=profile` (OpenID Connect Core 5.4).
pub const PROFILE: [&str; 14] = [
    "name",
    "family_name",
    "given_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "updated_at",
];

/// A browser in which 李华 is signed in.
pub async fn signed_in(fixture: &Fixture) -> Browser {
    let entrance = fixture.portal("entrance", json!({})).await;
    let browser = fixture.browser();
    entrance.tokens(fixture, &browser, sample::NORMAL).await;
    browser
}

/// The sample corp, and a browser in which 李华 is signed in.
pub async fn connect_and_sign_in(fixture: &Fixture) -> Browser {
    fixture.connect().await;
    signed_in(fixture).await
}

/// What userinfo answers to the access token among these.
pub async fn userinfo(portal: &Portal, tokens: &Value) -> Value {
    let answer = portal.userinfo(text(tokens, "access_token")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

/// Both documents for this scope.
pub async fn told(portal: &Portal, browser: &Browser, scope: &str) -> (Value, Value) {
    let tokens = portal.tokens_silently(browser, &[("scope", scope)]).await;
    (userinfo(portal, &tokens).await, id_claims(&tokens))
}

/// Gives somebody all there is.
pub async fn fill(fixture: &Fixture, userid: &str) -> String {
    let path = format!("users/{}", fixture.admin().user_id(userid).await);
    let all = json!({
        "email": "lihua@corp.example",
        "phone_number": "+86 19900000001",
        "picture": "https://p.example/lihua/0",
        "locale": "zh-CN",
        "profile": {
            "given_name": "华",
            "family_name": "李",
            "middle_name": "一",
            "nickname": "小李",
            "profile": "https://people.corp.example/lihua",
            "website": "https://lihua.example/",
            "gender": "female",
            "birthdate": "1990-02-28",
            "zoneinfo": "Asia/Shanghai",
            "address": { "formatted": "深南大道 1 号\n深圳", "locality": "深圳", "country": "中国" },
        },
    });
    let view = fixture.admin().change(&path, all.clone()).await;
    assert_eq!(view["profile"], all["profile"], "the API shows what was entered");
    path
}

fn nothing_empty(value: &Value) {
    match value {
        Value::Null => panic!("a claim is null"),
        Value::String(text) => assert!(!text.is_empty() && text != "null", "a claim is empty or says null"),
        Value::Array(items) => {
            assert!(!items.is_empty());
            items.iter().for_each(nothing_empty);
        }
        Value::Object(members) => {
            assert!(!members.is_empty());
            members.values().for_each(nothing_empty);
        }
        _ => {}
    }
}

scenario!(
    scope_profile_gives_all_14_standard_claims_and_each_other_scope_its_own,
    |fixture: Fixture| async move {
        let browser = connect_and_sign_in(&fixture).await;
        fill(&fixture, sample::NORMAL).await;
        let portal = fixture.portal("wiki", json!({})).await;
        let (profile, id) = told(&portal, &browser, "openid profile").await;
        for claim in PROFILE {
            assert!(profile.get(claim).is_some(), "{claim} is missing in {profile}");
            assert!(id.get(claim).is_none(), "{claim} is in the ID token");
        }
        assert_eq!(
            profile.as_object().unwrap().len(),
            15,
            "sub and nothing else: {profile}"
        );
        assert_eq!(
            (&profile["nickname"], &profile["birthdate"]),
            (&json!("小李"), &json!("1990-02-28"))
        );
        assert!(profile["updated_at"].is_i64());
        let (rest, id) = told(&portal, &browser, "openid email phone address").await;
        assert!(
            rest.get("email_verified").is_none(),
            "nobody vouches: no claim rather than false"
        );
        assert_eq!(rest["phone_number_verified"], false, "a JSON boolean");
        assert_eq!(rest["address"]["country"], "中国", "an object");
        assert_eq!(rest.as_object().unwrap().len(), 5, "{rest}");
        for claim in ["email", "phone_number", "address"] {
            assert!(id.get(claim).is_none(), "{claim} is in the ID token");
        }
    }
);

scenario!(
    claims_are_never_null_empty_or_the_word_null,
    |fixture: Fixture| async move {
        let browser = connect_and_sign_in(&fixture).await;
        let path = fill(&fixture, sample::NORMAL).await;
        let empty = json!({ "email": null, "display_name": "null", "profile": {
            "nickname": "NULL", "website": null, "address": { "formatted": null, "locality": null, "country": null },
        }});
        fixture.admin().change(&path, empty).await;
        let portal = fixture.portal("wiki", json!({})).await;
        let (info, id) = told(&portal, &browser, "openid profile email phone address groups wecom").await;
        nothing_empty(&info);
        nothing_empty(&id);
        for absent in ["nickname", "website", "email", "email_verified", "address"] {
            assert!(info.get(absent).is_none(), "{absent} in {info}");
        }
        assert_eq!(info["name"], "lihua", "the username stands in");
        fixture.admin().change(&path, json!({ "profile": null })).await;
        let (info, _) = told(&portal, &browser, "openid profile").await;
        assert!(info.get("birthdate").is_none(), "{info}");
    }
);

scenario!(
    what_an_admin_enters_about_a_person_is_checked,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let path = fill(&fixture, sample::NORMAL).await;
        for profile in [
            json!({ "birthdate": "1990-02-30" }),
            json!({ "zoneinfo": "+8" }),
            json!({ "website": "ftp://x.example/" }),
            json!({ "given_name": "" }),
            json!({ "gender": "x".repeat(33) }),
            json!({ "address": "Shenzhen" }),
            json!({ "address": { "street_address": "x".repeat(501) } }),
            json!({ "shoe_size": 42 }),
        ] {
            let reply = fixture
                .admin()
                .call("PATCH", &path, Some(json!({ "profile": profile })))
                .await;
            assert_eq!(reply.status, 422, "{profile}: {}", reply.body);
            let mut user = json!({ "username": "new", "profile": profile });
            let reply = fixture.admin().call("POST", "users", Some(user.take())).await;
            assert!(
                matches!(reply.status, 400 | 422),
                "{profile}: {} {}",
                reply.status,
                reply.body
            );
        }
        let user = fixture.admin().get(&path).await;
        assert_eq!(user["profile"]["birthdate"], "1990-02-28", "nothing was changed");
    }
);

scenario!(
    wecom_fills_what_it_gives_and_erases_nothing,
    |fixture: Fixture| async move {
        // The old app still reads gender; the helper is left out because it would withhold it.
        let source = fixture
            .connect_with(json!({
                "contacts_secret": null,
                "app": { "agent_id": sample::OLD_AGENT_ID, "secret": sample::OLD_APP_SECRET },
            }))
            .await;
        let source = source["id"].as_str().unwrap();
        let user = fixture.admin().user(sample::NORMAL).await;
        assert_eq!(user["profile"], json!({ "nickname": "Hua", "gender": "female" }));
        // 张三 has no alias in WeCom.
        let path = fill(&fixture, sample::ADMIN).await;
        fixture.admin().change(&path, json!({ "pinned": [] })).await;
        let edit = |alias: &str, position: &str| {
            fixture.wecom.edit(|world| {
                let member = world.corp_mut(sample::CORP).unwrap().member_mut(sample::ADMIN).unwrap();
                member.alias = alias.to_owned();
                member.sensitive.gender = "0".to_owned();
                member.position = position.to_owned();
            });
        };
        edit("", "首席");
        fixture.sync(source).await;
        let user = fixture.admin().get(&path).await;
        assert_eq!(user["profile"]["nickname"], "小李", "WeCom has nothing for it");
        assert_eq!(user["profile"]["website"], "https://lihua.example/");
        edit("老张", "首席");
        fixture.sync(source).await;
        let user = fixture.admin().get(&path).await;
        assert_eq!(user["profile"]["nickname"], "老张", "the rule is overwrite");
        assert_eq!(user["profile"]["gender"], "male", "withheld, it is not forgotten");
        assert_eq!(user["profile"]["birthdate"], "1990-02-28");
    }
);

scenario!(
    the_claims_parameter_puts_each_claim_where_it_was_asked_for,
    |fixture: Fixture| async move {
        let browser = connect_and_sign_in(&fixture).await;
        fill(&fixture, sample::NORMAL).await;
        let portal = fixture.portal("wiki", json!({})).await;
        let asked = r#"{"userinfo":{"name":{"essential":true}}}"#;
        let tokens = portal
            .tokens_silently(&browser, &[("scope", "openid"), ("claims", asked)])
            .await;
        let info = userinfo(&portal, &tokens).await;
        assert_eq!(info["name"], "李华");
        assert_eq!(info.as_object().unwrap().len(), 2, "name and sub: {info}");
        assert!(id_claims(&tokens).get("name").is_none(), "in userinfo only");
        let asked =
            r#"{"id_token":{"email":null,"address":null,"auth_time":{"essential":true},"shoe_size":null},"future":1}"#;
        let tokens = portal
            .tokens_silently(&browser, &[("scope", "openid"), ("claims", asked)])
            .await;
        let id = id_claims(&tokens);
        assert_eq!(id["email"], "lihua@corp.example");
        assert_eq!(id["address"]["locality"], "深圳");
        assert!(
            userinfo(&portal, &tokens).await.get("email").is_none(),
            "in the ID token only"
        );
        let refreshed = portal.refresh(tokens["refresh_token"].as_str().unwrap()).await.body;
        assert_eq!(
            id_claims(&refreshed)["email"],
            id["email"],
            "the terms live as long as the grant"
        );
    }
);

scenario!(
    a_malformed_claims_parameter_is_an_invalid_request,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let long = format!(r#"{{"userinfo":{{"{}":null}}}}"#, "x".repeat(9000));
        for asked in [
            "name",
            "[]",
            "{",
            r#"{"userinfo":[]}"#,
            r#"{"id_token":{"name":true}}"#,
            &long,
        ] {
            let page = fixture.browser().get(&portal.authorize_url(&[("claims", asked)])).await;
            assert_eq!(page.returned("error").as_deref(), Some("invalid_request"), "{asked}");
            assert!(page.returned("error_description").unwrap().starts_with("OP-300"));
        }
    }
);

scenario!(
    no_claim_beyond_the_scopes_of_the_client_by_claims,
    |fixture: Fixture| async move {
        let browser = connect_and_sign_in(&fixture).await;
        fill(&fixture, sample::NORMAL).await;
        let asked = r#"{"userinfo":{"email":null,"phone_number":{"essential":true},"address":null,"groups":null,"wecom":null},
                    "id_token":{"email":null,"phone_number":null,"address":null,"groups":null,"wecom":null}}"#;
        let few = fixture.portal("few", json!({ "scopes": ["openid", "profile"] })).await;
        let all = [("scope", "openid email phone address groups wecom"), ("claims", asked)];
        let tokens = few.tokens_silently(&browser, &all).await;
        assert_eq!(tokens["scope"], "openid");
        assert_eq!(userinfo(&few, &tokens).await.as_object().unwrap().len(), 1, "sub alone");
        let id = id_claims(&tokens);
        for claim in ["email", "email_verified", "phone_number", "address", "groups", "wecom"] {
            assert!(id.get(claim).is_none(), "{claim}");
        }
    }
);
