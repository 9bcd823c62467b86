//! What a portal is told of groups: nothing, unless its registration says so.

use serde_json::json;
use simulator::sample;

use super::{group, join};
use crate::{
    actors::{id, text},
    claims::told,
    fixture::Fixture,
    scenario,
};

scenario!(
    a_portal_is_told_of_groups_of_ours_only_where_its_rules_say_so,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let (admin, editors) = (fixture.admin(), group(&fixture, "wiki-editors").await);
        group(&fixture, "nobody-is-here").await;
        let she = admin.user_id(sample::NORMAL).await;
        join(&fixture, &editors, &[&she]).await;
        let browser = crate::claims::signed_in(&fixture).await;
        let rules = |rules| json!({ "metadata": { "claims": { "groups": rules } } });
        let plain = fixture.portal("plain", json!({})).await;
        let (info, _) = told(&plain, &browser, "openid groups").await;
        assert!(!info["groups"].to_string().contains("wiki-editors"), "{info}");
        for (client, given, expected) in [
            (
                "own",
                json!({ "departments": null, "own_groups": true }),
                json!(["group:wiki-editors"]),
            ),
            (
                "bare",
                json!({ "departments": null, "own_groups": true, "own_prefix": "", "where": "both" }),
                json!(["wiki-editors"]),
            ),
            // No department is told that could be taken for a group.
            (
                "apart",
                json!({ "departments": "path", "own_groups": true, "own_prefix": "/" }),
                json!(["/wiki-editors"]),
            ),
        ] {
            let portal = fixture.portal(client, rules(given)).await;
            let (info, token) = told(&portal, &browser, "openid groups").await;
            assert_eq!(info["groups"], expected);
            assert_eq!(token.get("groups").is_some(), client == "bare", "{token}");
            let (info, _) = told(&portal, &browser, "openid profile").await;
            assert!(info.get("groups").is_none(), "not without the scope: {info}");
        }
        admin
            .change(&format!("groups/{}", id(&editors)), json!({ "name": "editors" }))
            .await;
        let preview = admin.get(&format!("clients/bare/claims?user_id={she}")).await;
        assert_eq!(preview["userinfo"]["groups"], json!(["editors"]), "under its new name");
        // Who comes from no corp has groups, and nothing of WeCom.
        let anna = admin.create("users", json!({ "username": "anna" })).await;
        join(&fixture, &editors, &[id(&anna)]).await;
        let preview = admin.get(&format!("clients/bare/claims?user_id={}", id(&anna))).await;
        assert_eq!(preview["userinfo"]["groups"], json!(["editors"]), "{preview}");
        assert!(preview["userinfo"].get("wecom").is_none(), "{preview}");
        let wrong = rules(json!({ "own_prefix": "x".repeat(33) }));
        let refused = admin.call("PATCH", "clients/bare", Some(wrong)).await;
        assert_eq!(refused.refusal(), (422, "RG-101"), "{}", refused.body);
        assert!(text(&refused.body, "detail").contains("own_prefix"), "{}", refused.body);
    }
);
