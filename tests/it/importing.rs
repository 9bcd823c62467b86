//! Who of a corp becomes a user: conflicts that an admin decides, chosen members only, names by a template, and the keys by which an existing
//! user is found (docs/importing.md).

mod chosen;
mod races;
mod rules;

use serde_json::{Value, json};
use simulator::{sample, world::Member};

use crate::{
    actors::{As, Reply, id, text},
    fixture::Fixture,
    refusals::refused_when_scanning,
    scenario,
    sync::member,
};

/// A request about this member that decides.
pub async fn decide(fixture: &Fixture, resource: &str, userid: &str, action: &str, body: Value) -> Reply {
    let member = member(fixture, userid).await;
    let path = format!("{resource}/{}/{action}", id(&member));
    fixture.admin().call("POST", &path, Some(body)).await
}

async fn conflict(fixture: &Fixture, userid: &str, action: &str, body: Value) -> Reply {
    decide(fixture, "conflicts", userid, action, body).await
}

/// The userids of the conflicts at this stage.
async fn listed(fixture: &Fixture, decision: &str) -> Vec<String> {
    let path = format!("conflicts?limit=200&decision={decision}");
    let items = fixture.admin().items(&path).await;
    items.iter().map(|item| text(item, "userid").to_owned()).collect()
}

/// A local user 李华 of old, and the corp connected under `skip`: 李华 of the corp is a conflict.
async fn in_conflict(fixture: &Fixture) -> (Value, Value) {
    let local = json!({ "username": sample::NORMAL, "display_name": "Old words" });
    let local = fixture.admin().create("users", local).await;
    let source = fixture.connect_with(json!({ "duplicate_rule": "skip" })).await;
    (local, source)
}

scenario!(
    a_conflict_is_listed_with_whom_the_member_may_duplicate_and_what_can_be_decided,
    |fixture: Fixture| async move {
        let (local, source) = in_conflict(&fixture).await;
        let admin = fixture.admin();
        admin
            .create("users", json!({ "username": "boss", "console_role": "admin" }))
            .await;
        fixture.edit_corp(|corp| corp.add_member(Member::new("boss", "冒名者", &[1])));
        fixture.sync(id(&source)).await;
        let items = admin.items("conflicts").await;
        assert_eq!(items.len(), 2, "{items:?}");
        let of = |userid: &str| items.iter().find(|item| item["userid"] == userid).unwrap().clone();
        let lihua = of(sample::NORMAL);
        assert_eq!(
            (&lihua["id"], &lihua["name"], &lihua["decision"], &lihua["allowed"]),
            (
                &member(&fixture, sample::NORMAL).await["id"],
                &json!("李华"),
                &json!("open"),
                &json!(["link", "rename", "ignore"])
            )
        );
        assert!(text(&lihua, "why").contains("duplicate rule is skip"), "{lihua}");
        let candidate = json!({ "id": local["id"], "username": sample::NORMAL, "matched": ["username"], "protected": null, "protected_zh": null });
        assert_eq!(lihua["candidates"], json!([candidate]));
        let boss = &of("boss")["candidates"][0];
        assert!(text(boss, "protected").contains("console admin"), "{boss}");
        // Page by page, of one data source, and at one stage.
        let first = admin.get("conflicts?limit=1").await;
        let cursor = text(&first, "next_cursor");
        let second = admin.get(&format!("conflicts?limit=1&cursor={cursor}")).await;
        assert_ne!(first["items"][0]["id"], second["items"][0]["id"]);
        assert_eq!(second["next_cursor"], json!(null));
        let other = format!("conflicts?data_source={}", id(&local));
        assert_eq!(admin.items(&other).await, [] as [Value; 0]);
        assert_eq!(listed(&fixture, "ignored").await, [] as [&str; 0]);
        let wrong = admin.call("GET", "conflicts?decision=some", None).await;
        assert_eq!(wrong.refusal(), (422, "AD-105"));
        let unknown = admin.call("GET", "conflicts?state=open", None).await;
        assert_eq!(unknown.refusal(), (400, "WB-101"));
    }
);

scenario!(
    a_conflict_linked_by_an_admin_is_that_user_at_once_and_stays_so,
    |fixture: Fixture| async move {
        let (local, source) = in_conflict(&fixture).await;
        let portal = fixture.portal("wiki", json!({})).await;
        refused_when_scanning(&fixture, &portal, As::Member(sample::NORMAL), "GT-110", "imported").await;
        let linked = conflict(&fixture, sample::NORMAL, "link", json!({ "user_id": local["id"] })).await;
        assert_eq!(linked.status, 200, "{}", linked.body);
        assert_eq!(
            (&linked.body["user_id"], &linked.body["import_outcome"]),
            (&local["id"], &json!("imported"))
        );
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let info = portal.userinfo(text(&tokens, "access_token")).await.body;
        assert_eq!(info["sub"], local["id"]);
        for _ in 0..2 {
            let run = fixture.sync(id(&source)).await;
            assert_eq!(
                (&run["counts"]["updated"], &run["counts"]["skipped"]),
                (&json!(0), &json!(0)),
                "{run}"
            );
        }
        let after = fixture.admin().get(&format!("users/{}", id(&local))).await;
        assert_eq!(
            (&after["display_name"], &after["data_source_id"], &after["status"]),
            (&json!("Old words"), &source["id"], &json!("active")),
            "under skip nothing of the user is overwritten"
        );
        assert_eq!(listed(&fixture, "linked").await, [sample::NORMAL]);
        assert_eq!(listed(&fixture, "open").await, [] as [&str; 0]);
        let item = fixture.admin().items("conflicts").await.remove(0);
        assert_eq!((&item["decision"], &item["allowed"]), (&json!("linked"), &json!([])));
        assert!(item["decided_by"].is_string() && item["decided_at"].is_i64(), "{item}");
        let events = fixture.admin().items("audit-events?kind=configured&limit=200").await;
        let told = events
            .iter()
            .any(|event| event["detail"]["action"] == "linked" && event["detail"]["decided"]["user_id"] == local["id"]);
        assert!(told, "{events:?}");
        let twice = conflict(&fixture, sample::NORMAL, "rename", json!({ "username": "again" })).await;
        assert_eq!(twice.refusal(), (409, "DI-226"));
    }
);

scenario!(
    under_overwrite_a_user_whom_an_admin_links_has_wecoms_values,
    |fixture: Fixture| async move {
        let local = json!({ "username": "li.hua", "display_name": "Old words" });
        let local = fixture.admin().create("users", local).await;
        let user = fixture
            .admin()
            .create(
                "users",
                json!({ "username": sample::NORMAL, "console_role": "auditor" }),
            )
            .await;
        let source = fixture.connect().await;
        assert_eq!(member(&fixture, sample::NORMAL).await["import_outcome"], "conflict");
        let linked = conflict(&fixture, sample::NORMAL, "link", json!({ "user_id": local["id"] })).await;
        assert_eq!(linked.status, 200, "{}", linked.body);
        let after = fixture.admin().get(&format!("users/{}", id(&local))).await;
        assert_eq!(
            (&after["display_name"], &after["username"]),
            (&json!("李华"), &json!("li.hua"))
        );
        fixture.sync(id(&source)).await;
        assert_eq!(member(&fixture, sample::NORMAL).await["user_id"], local["id"]);
        let console = fixture.admin().get(&format!("users/{}", id(&user))).await;
        assert_eq!(console, user);
    }
);

scenario!(
    a_conflict_renamed_is_a_new_user_of_that_name,
    |fixture: Fixture| async move {
        let (local, source) = in_conflict(&fixture).await;
        for (name, refusal) in [
            ("", (422, "DI-101")),
            ("Zk5 w", (422, "DI-101")),
            ("..", (422, "DI-101")),
            ("r00t", (422, "DI-101")),
            ("LiHua", (409, "DI-105")),
        ] {
            let refused = conflict(&fixture, sample::NORMAL, "rename", json!({ "username": name })).await;
            assert_eq!(refused.refusal(), refusal, "{name}: {}", refused.body);
        }
        assert_eq!(
            listed(&fixture, "open").await,
            [sample::NORMAL],
            "a refusal decides nothing"
        );
        let renamed = conflict(&fixture, sample::NORMAL, "rename", json!({ "username": "li.hua" })).await;
        assert_eq!(renamed.status, 200, "{}", renamed.body);
        let user = fixture.admin().user("li.hua").await;
        assert_eq!(
            (&renamed.body["user_id"], &user["display_name"]),
            (&user["id"], &json!("李华"))
        );
        let run = fixture.sync(id(&source)).await;
        assert_eq!(run["counts"]["updated"], 0, "{run}");
        assert_eq!(listed(&fixture, "renamed").await, [sample::NORMAL]);
        assert_eq!(fixture.admin().get(&format!("users/{}", id(&local))).await, local);
    }
);

scenario!(
    a_conflict_ignored_stays_out_until_it_is_opened_again,
    |fixture: Fixture| async move {
        let (local, source) = in_conflict(&fixture).await;
        let portal = fixture.portal("wiki", json!({})).await;
        let ignored = conflict(&fixture, sample::NORMAL, "ignore", json!({})).await;
        assert_eq!(
            (ignored.status, &ignored.body["import_outcome"]),
            (200, &json!("ignored"))
        );
        for again in ["ignore"] {
            let twice = conflict(&fixture, sample::NORMAL, again, json!({})).await;
            assert_eq!(twice.refusal(), (409, "DI-231"), "{again}");
        }
        // Also where the rule would take the user over by now, and where there is no duplicate any more.
        let path = format!("data-sources/{}", id(&source));
        fixture
            .admin()
            .change(&path, json!({ "duplicate_rule": "overwrite" }))
            .await;
        let run = fixture.sync(id(&source)).await;
        assert_eq!(
            (&run["counts"]["skipped"], &run["counts"]["updated"]),
            (&json!(0), &json!(0)),
            "{run}"
        );
        let user = format!("users/{}", id(&local));
        fixture
            .admin()
            .change(&user, json!({ "username": "somebody.else" }))
            .await;
        fixture.sync(id(&source)).await;
        let held = member(&fixture, sample::NORMAL).await;
        assert_eq!(
            (&held["import_outcome"], &held["user_id"]),
            (&json!("ignored"), &json!(null))
        );
        refused_when_scanning(&fixture, &portal, As::Member(sample::NORMAL), "GT-110", "imported").await;
        assert_eq!(listed(&fixture, "ignored").await, [sample::NORMAL]);
        let reopened = conflict(&fixture, sample::NORMAL, "reopen", json!({})).await;
        assert_eq!(reopened.body["import_outcome"], "imported", "{}", reopened.body);
        portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let twice = conflict(&fixture, sample::NORMAL, "reopen", json!({})).await;
        assert_eq!(twice.refusal(), (409, "DI-226"));
    }
);

scenario!(
    nobody_is_linked_to_a_protected_user_whoever_decides,
    |fixture: Fixture| async move {
        let (local, _) = in_conflict(&fixture).await;
        let admin = fixture.admin();
        let console = admin
            .create("users", json!({ "username": "boss", "console_role": "auditor" }))
            .await;
        let second = fixture.connect_second(json!({ "duplicate_rule": "skip" })).await;
        let linked = admin.user(sample::ADMIN).await;
        let before = admin.items("users?limit=200").await.len();
        let members = admin.items(&format!("members?data_source={}", id(&second))).await;
        let of_second = members.iter().find(|row| row["user_id"].is_string());
        let foreign = of_second.map(|row| row["user_id"].clone()).unwrap();
        for (user, refusal) in [
            (console["id"].clone(), (409, "DI-227")),
            (foreign, (409, "DI-228")),
            (linked["id"].clone(), (409, "DI-229")),
            (json!("00000000-0000-0000-0000-000000000000"), (422, "DI-101")),
        ] {
            let refused = conflict(&fixture, sample::NORMAL, "link", json!({ "user_id": user })).await;
            assert_eq!(refused.refusal(), refusal, "{}", refused.body);
        }
        let held = member(&fixture, sample::NORMAL).await;
        assert_eq!(
            (&held["import_outcome"], &held["user_id"]),
            (&json!("skipped"), &json!(null))
        );
        assert_eq!(admin.items("users?limit=200").await.len(), before);
        assert_eq!(admin.get(&format!("users/{}", id(&console))).await, console);
        assert_eq!(admin.get(&format!("users/{}", id(&linked))).await, linked);
        let nobody = "conflicts/00000000-0000-0000-0000-000000000000/link";
        let none = admin
            .call("POST", nobody, Some(json!({ "user_id": local["id"] })))
            .await;
        assert_eq!(none.refusal(), (404, "DI-102"));
        let operator = fixture.admin_with_role("operator").await;
        let path = format!("conflicts/{}/link", id(&held));
        let refused = operator
            .call("POST", &path, Some(json!({ "user_id": local["id"] })))
            .await;
        assert_eq!(refused.refusal(), (403, "AD-103"));
    }
);

// product.md 4.13: an account never passes on, and neither does a decision about one.
scenario!(
    a_decision_is_not_inherited_by_whoever_is_given_the_userid,
    |fixture: Fixture| async move {
        let (_, source) = in_conflict(&fixture).await;
        let before = conflict(&fixture, sample::NORMAL, "ignore", json!({})).await;
        fixture.edit_corp(|corp| {
            corp.remove_member(sample::NORMAL).unwrap();
            corp.add_member(Member::new(sample::NORMAL, "王小明", &[3]));
        });
        fixture.sync(id(&source)).await;
        let newcomer = member(&fixture, sample::NORMAL).await;
        assert_ne!(newcomer["id"], before.body["id"]);
        assert_eq!(newcomer["import_outcome"], "skipped", "{newcomer}");
        assert_eq!(listed(&fixture, "open").await, [sample::NORMAL]);
        // Of whoever left nothing can be decided.
        let path = format!("conflicts/{}/reopen", id(&before.body));
        let gone = fixture.admin().call("POST", &path, Some(json!({}))).await;
        assert_eq!(gone.refusal(), (409, "DI-230"));
    }
);
