//! Groups, the `wecom` scope, and claims that a portal's rules rename or make up.

use serde_json::{Value, json};
use simulator::{sample, world::Department};

use super::{connect_and_sign_in, signed_in, told, userinfo};
use crate::{
    actors::{Portal, id, id_claims},
    fixture::Fixture,
    scenario,
};

/// A portal with these rules about groups.
async fn groups(fixture: &Fixture, client_id: &str, groups: Value) -> Portal {
    fixture
        .portal(client_id, json!({ "metadata": { "claims": { "groups": groups } } }))
        .await
}

scenario!(
    groups_are_departments_by_id_name_or_full_path,
    |fixture: Fixture| async move {
        // An app that sees the whole corp, names and all.
        fixture
            .connect_with(json!({
                "contacts_secret": null,
                "app": { "agent_id": sample::OLD_AGENT_ID, "secret": sample::OLD_APP_SECRET },
            }))
            .await;
        let browser = signed_in(&fixture).await;
        let scope = "openid groups";
        for (index, (rules, expected)) in [
            (json!({}), json!(["/青云科技/产品部", "/青云科技/研发中心/后端组"])),
            (json!({ "departments": "id" }), json!(["4", "9"])),
            (json!({ "departments": "name" }), json!(["产品部", "后端组"])),
            (
                json!({ "departments": "path", "ancestors": true }),
                json!([
                    "/青云科技",
                    "/青云科技/产品部",
                    "/青云科技/研发中心",
                    "/青云科技/研发中心/后端组"
                ]),
            ),
            (
                json!({ "departments": null, "tags": true }),
                json!(["tag:值班", "tag:项目经理"]),
            ),
            (
                json!({ "departments": null, "tags": true, "tag_prefix": "" }),
                json!(["值班", "项目经理"]),
            ),
            (
                json!({ "tags": true, "allow": ["tag:值班", "/青云科技/产品部", "/青云科技"] }),
                json!(["/青云科技/产品部", "tag:值班"]),
            ),
            (
                json!({ "ancestors": true, "most": 2 }),
                json!(["/青云科技", "/青云科技/产品部"]),
            ),
        ]
        .into_iter()
        .enumerate()
        {
            let portal = groups(&fixture, &format!("g{index}"), rules.clone()).await;
            let (info, id) = told(&portal, &browser, scope).await;
            assert_eq!(info["groups"], expected, "{rules}");
            assert!(id.get("groups").is_none(), "not in the ID token unless set up");
            let (info, _) = told(&portal, &browser, "openid profile").await;
            assert!(info.get("groups").is_none(), "not without the scope");
        }
        let named = groups(
            &fixture,
            "named",
            json!({ "claim": "roles", "where": "both", "departments": "id" }),
        )
        .await;
        let (info, id) = told(&named, &browser, scope).await;
        assert_eq!((&info["roles"], &id["roles"]), (&json!(["4", "9"]), &json!(["4", "9"])));
        assert!(info.get("groups").is_none());
        let asked = [("scope", "openid"), ("claims", r#"{"id_token":{"roles":null}}"#)];
        let tokens = named.tokens_silently(&browser, &asked).await;
        assert_eq!(id_claims(&tokens)["roles"], json!(["4", "9"]), "asked for by name");
    }
);

scenario!(
    groups_follow_deep_ancestors_and_the_cap,
    |fixture: Fixture| async move {
        fixture.edit_corp(|corp| {
            for level in 0..12 {
                let department = Department {
                    id: 100 + level,
                    name: format!("第{level}层"),
                    parent: if level == 0 { 2 } else { 99 + level },
                    ..Department::default()
                };
                corp.departments.insert(100 + level, department);
            }
            let member = corp.member_mut(sample::NORMAL).unwrap();
            member.departments = vec![simulator::world::Placement::of(111)];
        });
        let browser = connect_and_sign_in(&fixture).await;
        let portal = groups(&fixture, "deep", json!({ "ancestors": true })).await;
        let (info, _) = told(&portal, &browser, "openid groups").await;
        let found = info["groups"].as_array().unwrap();
        assert_eq!(found.len(), 13, "the app does not see the name of the root");
        let longest = found
            .iter()
            .filter_map(Value::as_str)
            .max_by_key(|path| path.len())
            .unwrap();
        assert!(
            longest.starts_with("/研发中心/第0层/第1层") && longest.ends_with("/第11层"),
            "{longest}"
        );
        let capped = groups(&fixture, "capped", json!({ "ancestors": true, "most": 5 })).await;
        let (first, _) = told(&capped, &browser, "openid groups").await;
        let (again, _) = told(&capped, &browser, "openid groups").await;
        assert_eq!(first["groups"].as_array().unwrap().len(), 5);
        assert_eq!(first["groups"], again["groups"], "cut the same way each time");
    }
);

scenario!(scope_wecom_names_the_member, |fixture: Fixture| async move {
    let browser = connect_and_sign_in(&fixture).await;
    let portal = fixture.portal("wiki", json!({})).await;
    let (info, id) = told(&portal, &browser, "openid wecom").await;
    let expected = json!({ "corp_id": sample::CORP, "userid": sample::NORMAL, "departments": [4, 9] });
    assert_eq!(info["wecom"], expected);
    assert!(id.get("wecom").is_none());
});

// GitLab and Grafana want an e-mail; apps created since 2022-06-20 get none from WeCom (product.md, section 5).
scenario!(
    an_address_made_from_a_template_is_never_verified,
    |fixture: Fixture| async move {
        let browser = connect_and_sign_in(&fixture).await;
        let map = json!([
            { "claim": "email", "template": "{userid}@corp.example", "where": "both" },
            { "claim": "login", "from": "preferred_username" },
            { "claim": "role", "value": "viewer", "where": "id_token" },
            { "claim": "mobile", "from": "phone_number" },
            { "claim": "label", "template": "{name} ({website})" },
            { "claim": "https://corp.example/corp", "from": "corp_id" },
        ]);
        let portal = fixture
            .portal("gitlab", json!({ "metadata": { "claims": { "map": map } } }))
            .await;
        let (info, id) = told(&portal, &browser, "openid profile email").await;
        for document in [&info, &id] {
            assert_eq!(document["email"], "lihua@corp.example");
            assert!(document.get("email_verified").is_none(), "{document}");
        }
        assert_eq!((&info["login"], &id["role"]), (&json!("lihua"), &json!("viewer")));
        assert_eq!(info["https://corp.example/corp"], sample::CORP);
        assert!(
            info.get("role").is_none() && id.get("login").is_none(),
            "each where its rule says"
        );
        assert!(info.get("label").is_none(), "a missing variable gives no claim");
        assert!(info.get("mobile").is_none(), "renamed, a claim still needs its scope");
        let asked = [
            ("scope", "openid"),
            ("claims", r#"{"id_token":{"mobile":null,"login":null}}"#),
        ];
        let id = id_claims(&portal.tokens_silently(&browser, &asked).await);
        assert_eq!(id["login"], "lihua", "asked for by name");
        let (info, _) = told(&portal, &browser, "openid profile").await;
        assert!(info.get("email").is_none(), "made up, it still needs its scope");
    }
);

scenario!(
    no_proven_address_is_put_behind_a_made_up_one,
    |fixture: Fixture| async move {
        let browser = connect_and_sign_in(&fixture).await;
        let map = json!([
            { "claim": "email", "template": "{nickname}@a.example@corp.example" },
            { "claim": "phone_number", "value": "+86 10 0000" },
        ]);
        let portal = fixture
            .portal("odd", json!({ "metadata": { "claims": { "map": map } } }))
            .await;
        let (info, _) = told(&portal, &browser, "openid profile email phone").await;
        assert!(
            info.get("email").is_none() && info.get("email_verified").is_none(),
            "{info}"
        );
        assert_eq!(info["phone_number_verified"], false);
    }
);

scenario!(rules_cannot_set_what_the_protocol_says, |fixture: Fixture| async move {
    let portal = fixture.connected_portal().await;
    let path = format!("clients/{}", portal.id);
    let too_many: Vec<Value> = (0..51)
        .map(|n| json!({ "claim": format!("c{n}"), "value": n }))
        .collect();
    let mut rules: Vec<Value> = [
        "iss",
        "sub",
        "aud",
        "exp",
        "iat",
        "nonce",
        "auth_time",
        "acr",
        "amr",
        "sid",
        "at_hash",
        "azp",
        "jti",
        "cnf",
        "client_id",
        "scope",
        "events",
        "email_verified",
        "phone_number_verified",
    ]
    .into_iter()
    .map(|claim| json!({ "map": [{ "claim": claim, "value": "x" }] }))
    .collect();
    rules.extend([
        json!({ "map": [{ "claim": "x" }] }),
        json!({ "map": [{ "claim": "x", "from": "password_hash" }] }),
        json!({ "map": [{ "claim": "x", "template": "{" }] }),
        json!({ "map": [{ "claim": "x", "value": 1 }, { "claim": "x", "value": 2 }] }),
        json!({ "map": too_many }),
        json!({ "groups": { "claim": "sub" } }),
        json!({ "groups": { "claim": "email" } }),
        json!({ "groups": { "most": 0 } }),
        json!({ "groups": { "departments": "colour" } }),
        json!({ "groups": { "allow": ["x".repeat(501)] } }),
        json!({ "colour": "blue" }),
    ]);
    for rules in rules {
        let change = json!({ "metadata": { "claims": rules } });
        let reply = fixture.admin().call("PATCH", &path, Some(change)).await;
        assert!(
            matches!(reply.status, 400 | 422),
            "{rules}: {} {}",
            reply.status,
            reply.body
        );
    }
});

scenario!(groups_go_when_the_member_does, |fixture: Fixture| async move {
    let source = fixture.connect().await;
    let browser = signed_in(&fixture).await;
    let portal = groups(&fixture, "wiki", json!({ "departments": "name", "tags": true })).await;
    let tokens = portal
        .tokens_silently(&browser, &[("scope", "openid groups wecom")])
        .await;
    fixture.edit_corp(|corp| {
        let member = corp.member_mut(sample::NORMAL).unwrap();
        member.departments = vec![simulator::world::Placement::of(3)];
        corp.tags.get_mut(&1).unwrap().users.clear();
    });
    fixture.sync(id(&source)).await;
    let info = userinfo(&portal, &tokens).await;
    assert_eq!(
        info["groups"],
        json!(["tag:全体销售", "销售部"]),
        "with the same token, at once"
    );
    assert_eq!(info["wecom"]["departments"], json!([3]));
});
