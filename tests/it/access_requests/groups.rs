//! Approving into groups of ours: by an admin, over every way, with the decision or not at all.

use std::time::Duration;

use futures_util::future::join;
use serde_json::{Value, json};
use simulator::sample;

use super::{applied, apply, asking, decide, link, path, standing};
use crate::{
    actors::{Admin, Portal, id, text},
    backends::Backend,
    console::{Colleague, at_work, in_both_languages, send, shown},
    doctor::sql,
    fixture::{ADMIN_TOKEN, Fixture},
    groups::group,
    scenario,
};

/// A portal that only this group enters, for which 李华 asks; the group.
async fn limited(fixture: &Fixture) -> (Portal, Value) {
    let (_, wiki) = asking(fixture).await;
    let editors = group(fixture, "wiki-editors").await;
    let limits = json!({ "allowed_groups": [editors["id"]] });
    fixture.admin().change(&format!("clients/{}", wiki.id), limits).await;
    (wiki, editors)
}

/// Names of the groups in which a user is.
async fn groups_of(fixture: &Fixture, user: &Value) -> Vec<String> {
    let groups = fixture
        .admin()
        .items(&format!("groups?user={}", user.as_str().unwrap()))
        .await;
    groups.iter().map(|group| text(group, "name").to_owned()).collect()
}

scenario!(
    whoever_is_approved_into_a_group_enters_what_it_lets_into,
    |fixture: Fixture| async move {
        let (wiki, editors) = limited(&fixture).await;
        let (browser, request) = applied(&fixture, &wiki).await;
        // Over the API a group is named by its id or its name.
        let body = json!({ "portals": [], "groups": ["WIKI-editors", editors["id"]] });
        let approved = decide(&fixture, &request, "approve", body).await;
        assert_eq!(approved.status, 200, "{}", approved.body);
        assert_eq!(approved.body["groups"], json!(["wiki-editors"]));
        assert_eq!(groups_of(&fixture, &approved.body["user_id"]).await, ["wiki-editors"]);
        wiki.tokens(&fixture, &browser, sample::NORMAL).await;
        let client = fixture.admin().get(&format!("clients/{}", wiki.id)).await;
        assert_eq!(client["allowed_users"], json!([]), "nothing besides was opened");
        let events = fixture.admin().items("audit-events?kind=access_request.approved").await;
        assert_eq!(events[0]["detail"]["decision"]["groups"], json!(["wiki-editors"]));
        let events = fixture.admin().items("audit-events?kind=configured").await;
        let added = events.iter().find(|event| event["detail"]["action"] == "user_added");
        assert_eq!(added.unwrap()["detail"]["user_id"], approved.body["user_id"]);
    }
);

scenario!(
    only_an_admin_puts_somebody_into_a_group,
    |fixture: Fixture| async move {
        let (wiki, _) = limited(&fixture).await;
        let (_, request) = applied(&fixture, &wiki).await;
        let body = json!({ "groups": ["wiki-editors"] });
        let operator = fixture.admin_with_role("operator").await;
        let refused = operator
            .call("POST", &path(&request, "/approve"), Some(body.clone()))
            .await;
        assert_eq!(refused.refusal(), (403, "AR-121"), "{}", refused.body);
        let unknown = json!({ "groups": ["wiki-editors", "no such group"] });
        let refused = decide(&fixture, &request, "approve", unknown).await;
        assert_eq!(refused.refusal(), (422, "AR-107"), "{}", refused.body);
        assert!(
            text(&refused.body, "detail").starts_with("groups[1]: "),
            "{}",
            refused.body
        );
        let many = json!({ "groups": vec!["wiki-editors"; 21] });
        let refused = decide(&fixture, &request, "approve", many).await;
        assert_eq!(refused.refusal(), (422, "AR-107"), "{}", refused.body);
        assert_eq!(standing(&fixture, &request).await["state"], "open");
        let admin = fixture.admin_with_role("admin").await;
        let approved = admin.call("POST", &path(&request, "/approve"), Some(body)).await;
        assert_eq!(approved.status, 200, "{}", approved.body);
    }
);

// The group is looked up, and deleted before the decision is written.
#[actix_web::test]
async fn nothing_comes_of_an_approval_whose_group_vanished_meanwhile() {
    let Some(fixture) = Fixture::open(Backend::SqliteMemory).await else {
        return;
    };
    let (wiki, _) = limited(&fixture).await;
    let ops = group(&fixture, "ops").await;
    let (_, request) = applied(&fixture, &wiki).await;
    // As soon as the user is there the group is gone.
    let trigger = format!(
        "CREATE TRIGGER vanish AFTER INSERT ON users BEGIN DELETE FROM user_group WHERE name = '{}'; END",
        text(&ops, "name")
    );
    sql(&fixture, &trigger).await;
    let refused = decide(
        &fixture,
        &request,
        "approve",
        json!({ "groups": ["wiki-editors", "ops"] }),
    )
    .await;
    assert_eq!(refused.refusal(), (422, "AR-107"), "{}", refused.body);
    assert!(
        text(&refused.body, "detail").starts_with("groups: "),
        "{}",
        refused.body
    );
    sql(&fixture, "DROP TRIGGER vanish").await;
    assert_eq!(standing(&fixture, &request).await["state"], "open");
    let users = fixture.admin().items(&format!("users?q={}", sample::NORMAL)).await;
    assert_eq!(users.len(), 0, "nobody was imported: {users:?}");
    let both = decide(
        &fixture,
        &request,
        "approve",
        json!({ "groups": ["wiki-editors", "ops"] }),
    )
    .await;
    assert_eq!(both.status, 200, "{}", both.body);
}

scenario!(
    groups_are_chosen_by_the_link_and_shown_to_admins_alone,
    |fixture: Fixture| async move {
        let (wiki, editors) = limited(&fixture).await;
        let (browser, request) = applied(&fixture, &wiki).await;
        let address = link(&fixture).await;
        let operator = at_work(&fixture, "operator").await;
        let page = operator.open(&address).await;
        assert!(!page.body.contains("name=\"group\""), "{}", page.body);
        let confirm = page.field("confirm");
        let form = [
            ("confirm", confirm.as_str()),
            ("username", sample::NORMAL),
            ("group", id(&editors)),
        ];
        let refused = operator.post(&format!("{address}/approve"), &form).await;
        assert!(
            refused.status == 403 && refused.body.contains("AR-121"),
            "{}",
            refused.body
        );
        let admin = at_work(&fixture, "admin").await;
        for lang in ["en", "zh-CN"] {
            let page = admin.open(&format!("{address}?ui_locales={lang}")).await;
            assert!(
                page.body.contains("name=\"group\"") && page.body.contains("wiki-editors"),
                "{}",
                page.body
            );
        }
        let confirm = admin.open(&address).await.field("confirm");
        let mut form = form.to_vec();
        form[0].1 = &confirm;
        fixture.advance(Duration::from_secs(16 * 60));
        let stale = admin.submit(&format!("{address}/approve"), &form).await;
        assert!(stale.status == 403 && stale.body.contains("AR-121"), "{}", stale.body);
        assert!(!admin.open(&address).await.body.contains("name=\"group\""));
        let owner = at_work(&fixture, "owner").await;
        let confirm = owner.open(&address).await.field("confirm");
        form[0].1 = &confirm;
        let admin = owner;
        let done = admin.submit(&format!("{address}/approve"), &form).await;
        assert!(
            done.status == 200 && done.body.contains("wiki-editors"),
            "{}",
            done.body
        );
        let over = standing(&fixture, &request).await;
        assert_eq!(
            (&over["groups"], &over["portals"]),
            (&json!(["wiki-editors"]), &json!([]))
        );
        wiki.tokens(&fixture, &browser, sample::NORMAL).await;
    }
);

scenario!(
    groups_are_chosen_in_the_console_and_on_the_command_line,
    |fixture: Fixture| async move {
        let (wiki, editors) = limited(&fixture).await;
        let (browser, request) = applied(&fixture, &wiki).await;
        let admin = at_work(&fixture, "admin").await;
        let here = format!("/console/requests/{}", id(&request));
        in_both_languages(&fixture, &admin, &here).await;
        let page = shown(&fixture, &admin, &here).await;
        assert!(!page.body.contains("name=\"group\""), "{}", page.body);
        let into = page.link("/groups");
        fixture.advance(Duration::from_secs(16 * 60));
        let asked = admin.open(&into).await;
        assert!(
            asked.url.contains("/signin/"),
            "groups take a fresh proof: {}",
            asked.url
        );
        let admin = Colleague::hire(&fixture, "owner").await.browser(&fixture).await;
        let into = format!("{here}/groups");
        in_both_languages(&fixture, &admin, &into).await;
        let page = shown(&fixture, &admin, &into).await;
        assert!(page.body.contains("name=\"group\""), "{}", page.body);
        let version = page.field("version");
        let wrong = [
            ("username", "li hua"),
            ("version", version.as_str()),
            ("group", id(&editors)),
        ];
        let again = send(&fixture, &admin, &into, &wrong).await;
        let ticked = format!("value=\"{}\" checked", id(&editors));
        assert!(again.status == 422 && again.body.contains(&ticked), "{}", again.body);
        let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_menjin"))
            .args([
                "requests",
                "approve",
                id(&request),
                "--group",
                "wiki-editors",
                "--server",
                &fixture.base,
            ])
            .env("MENJIN_TOKEN", ADMIN_TOKEN)
            .current_dir(fixture.directory())
            .output()
            .await
            .unwrap();
        let told = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(
            told.contains("approved") && told.contains("group: wiki-editors"),
            "{told}"
        );
        for page in in_both_languages(&fixture, &admin, &here).await {
            assert!(page.body.contains("<bdi>wiki-editors</bdi>"), "{}", page.body);
        }
        let auditor = Admin::new(&fixture.http, &fixture.base, ADMIN_TOKEN)
            .get(&path(&request, ""))
            .await;
        assert_eq!(auditor["groups"], json!(["wiki-editors"]));
        wiki.tokens(&fixture, &browser, sample::NORMAL).await;
    }
);

scenario!(
    whoever_is_approved_while_their_group_is_deleted_is_approved_with_it_or_not_at_all,
    |fixture: Fixture| async move {
        let (_, wiki) = asking(&fixture).await;
        let admin = fixture.admin();
        for userid in [sample::NORMAL, sample::BY_TAG, sample::BY_PICK] {
            let ops = group(&fixture, &format!("ops of {userid}")).await;
            apply(&fixture, &wiki, &fixture.browser(), userid, "").await;
            let request = admin.items("access-requests?state=open").await.remove(0);
            let body = json!({ "groups": [ops["id"]] });
            let there = format!("groups/{}", id(&ops));
            let (approved, deleted) = join(
                decide(&fixture, &request, "approve", body),
                admin.call("DELETE", &there, None),
            )
            .await;
            assert_eq!(deleted.status, 204, "{}", deleted.body);
            let over = standing(&fixture, &request).await;
            let users = admin.items(&format!("users?username={userid}")).await.len();
            match approved.status {
                200 => assert_eq!((&over["state"], users), (&json!("approved"), 1)),
                _ => {
                    assert_eq!(approved.refusal(), (422, "AR-107"), "{}", approved.body);
                    assert_eq!((&over["state"], users), (&json!("open"), 0));
                    let refused = decide(&fixture, &request, "refuse", json!({})).await;
                    assert_eq!(refused.status, 200, "{}", refused.body);
                }
            }
        }
    }
);
