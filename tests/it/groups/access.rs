//! What a group lets into: at once, and no longer than somebody is in it.

use serde_json::json;
use simulator::sample;

use super::{group, join, leave};
use crate::{
    access_checks::{explained, listed},
    actors::{As, Browser, Portal, id, text},
    fixture::Fixture,
    scenario,
};

/// Whether a browser with a session gets a code without a page.
async fn enters(portal: &Portal, browser: &Browser) -> bool {
    portal.authorize_silently(browser).await.returned("code").is_some()
}

scenario!(
    whoever_comes_into_a_group_enters_and_whoever_is_taken_out_is_out_at_the_next_request,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let (admin, ops) = (fixture.admin(), group(&fixture, "ops").await);
        let portal = fixture.portal("wiki", json!({ "allowed_groups": [ops["id"]] })).await;
        let browser = fixture.browser();
        let refused = portal.sign_in(&fixture, &browser, As::Member(sample::NORMAL)).await;
        assert!(
            refused.status == 403 && refused.body.contains("GT-112"),
            "{}",
            refused.body
        );
        let she = admin.user_id(sample::NORMAL).await;
        join(&fixture, &ops, &[&she]).await;
        let tokens = portal.tokens(&fixture, &browser, sample::NORMAL).await;
        assert!(enters(&portal, &browser).await && enters(&portal, &browser).await);
        leave(&fixture, &ops, &she).await;
        assert!(!enters(&portal, &browser).await, "from memory, if at all");
        let refused = portal.refresh(text(&tokens, "refresh_token")).await;
        assert_eq!(refused.status, 400, "{}", refused.body);
        // She may come in elsewhere: her session goes on.
        let mail = fixture.portal("mail", json!({})).await;
        assert!(enters(&mail, &browser).await);
        join(&fixture, &ops, &[&she]).await;
        assert!(enters(&portal, &browser).await, "back at once");
        let path = format!("clients/{}", portal.id);
        admin
            .change(
                &path,
                json!({ "allowed_groups": [], "allowed_users": [id(&admin.user(sample::ADMIN).await)] }),
            )
            .await;
        assert!(!enters(&portal, &browser).await, "the portal names her group no more");
    }
);

scenario!(
    what_is_explained_and_listed_of_groups_is_what_the_gate_does,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let (admin, ops, other) = (
            fixture.admin(),
            group(&fixture, "ops").await,
            group(&fixture, "other").await,
        );
        let portal = fixture
            .portal("wiki", json!({ "allowed_groups": [ops["id"], other["id"]] }))
            .await;
        let she = admin.user_id(sample::NORMAL).await;
        let way = explained(&fixture, &source, &portal, sample::NORMAL, "").await;
        assert_eq!(
            (&way["admitted"], &way["refusal"]["number"]),
            (&json!(false), &json!("GT-112"))
        );
        join(&fixture, &ops, &[&she]).await;
        let way = explained(&fixture, &source, &portal, sample::NORMAL, "").await;
        assert_eq!(way["admitted"], true, "{way}");
        let checks = way["checks"].as_array().unwrap();
        let saw = &checks
            .iter()
            .find(|check| check["check"] == "portal_allows_person")
            .unwrap()["saw"];
        assert_eq!(
            (&saw["allowed_groups"]["count"], &saw["groups"]),
            (&json!(2), &json!({ "count": 1, "first": [ops["id"]] }))
        );
        let all = listed(&fixture, &portal, "&admitted=true").await;
        assert_eq!(all.keys().map(String::as_str).collect::<Vec<_>>(), [sample::NORMAL]);
        // What if the portal named the other group alone?
        let imagined = listed(&fixture, &portal, &format!("&groups={}&change=refused", id(&other))).await;
        assert!(imagined.contains_key(sample::NORMAL), "{imagined:?}");
        let nothing = "00000000-0000-7000-8000-000000000000";
        let unknown = format!("clients/wiki/access-checks?groups={nothing}");
        assert_eq!(admin.call("GET", &unknown, None).await.refusal(), (422, "GT-124"));
        let users = admin.items("users?client=wiki").await;
        assert_eq!(
            (users.len(), &users[0]["id"]),
            (1, &json!(she)),
            "whom the lists let in"
        );
        assert_eq!(admin.get("clients/wiki/coverage").await["people"], 1);
        let everywhere = admin.items(&format!("users/{she}/access-checks")).await;
        assert_eq!(everywhere[0]["admitted"], true, "{everywhere:?}");
    }
);

scenario!(
    a_group_that_a_portal_names_is_not_deleted_and_one_that_there_is_not_is_not_named,
    |fixture: Fixture| async move {
        let (admin, ops) = (fixture.admin(), group(&fixture, "ops").await);
        let portal = fixture.portal("wiki", json!({ "allowed_groups": [ops["id"]] })).await;
        let (group_path, client) = (format!("groups/{}", id(&ops)), format!("clients/{}", portal.id));
        assert_eq!(admin.get(&group_path).await["clients"], json!(["wiki"]));
        let named = admin.call("DELETE", &group_path, None).await;
        assert_eq!(named.refusal(), (409, "DI-271"), "{}", named.body);
        assert!(text(&named.body, "detail").contains("wiki"), "{}", named.body);
        admin.change(&client, json!({ "allowed_groups": [] })).await;
        assert_eq!(admin.call("DELETE", &group_path, None).await.status, 204);
        let gone = json!({ "allowed_groups": [ops["id"]] });
        let refused = admin.call("PATCH", &client, Some(gone)).await;
        assert_eq!(refused.refusal(), (422, "RG-101"), "{}", refused.body);
        assert!(
            text(&refused.body, "detail").starts_with("allowed_groups: "),
            "{}",
            refused.body
        );
    }
);
