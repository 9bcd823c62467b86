//! Taking a sync back through the public interface: what it did wrong, what somebody changed since, and what comes by itself afterwards.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{sample, world::Member};

use crate::{
    actors::id,
    fixture::Fixture,
    groups::{group, join},
    scenario,
    sync::member,
};

async fn rows(fixture: &Fixture, run: &Value) -> Vec<Value> {
    fixture
        .admin()
        .items(&format!("sync-runs/{}/rows?limit=200", id(run)))
        .await
}

fn row<'a>(rows: &'a [Value], userid: &str) -> &'a Value {
    rows.iter()
        .find(|row| row["userid"] == userid)
        .unwrap_or_else(|| panic!("no row of {userid} in {rows:?}"))
}

async fn undo(fixture: &Fixture, run: &Value) -> Value {
    fixture.advance(Duration::from_secs(60));
    let reply = fixture
        .admin()
        .call("POST", &format!("sync-runs/{}/undo", id(run)), None)
        .await;
    assert_eq!(reply.status, 202, "{}", reply.body);
    fixture.admin().watch(id(&reply.body)).await
}

/// Takes versions, and how fresh memberships are, out of a document.
fn without_dates(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !matches!(name.as_str(), "updated_at" | "checked_at"));
            fields.values_mut().for_each(without_dates);
        }
        Value::Array(items) => items.iter_mut().for_each(without_dates),
        _ => {}
    }
}

async fn people(fixture: &Fixture) -> Vec<Value> {
    let mut people = fixture.admin().items("users?limit=200").await;
    people.extend(fixture.admin().items("members?limit=200").await);
    people.extend(fixture.admin().items("departments?limit=200").await);
    people.iter_mut().for_each(without_dates);
    people.sort_by_key(Value::to_string);
    people
}

/// WeCom shows one person gone, one with another alias, and one who is new.
fn go_wrong(fixture: &Fixture) {
    fixture.edit_corp(|corp| {
        corp.remove_member(sample::BY_PICK).unwrap();
        let mut renamed = corp.remove_member(sample::NORMAL).unwrap();
        renamed.alias = "新别名".to_owned();
        let place = renamed.departments[0].department;
        corp.add_member(renamed);
        corp.add_member(Member::new("newcomer", "新人", &[place]));
    });
}

scenario!(
    a_wrong_sync_is_taken_back_as_if_it_had_not_been,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let portal = fixture.portal("wiki", json!({})).await;
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::BY_PICK).await;
        fixture.sync(id(&source)).await;
        let before = people(&fixture).await;
        go_wrong(&fixture);
        fixture.advance(Duration::from_secs(60));
        let run = fixture.sync(id(&source)).await;
        assert_eq!(run["state"], "succeeded", "{run}");
        let told = rows(&fixture, &run).await;
        assert_eq!(row(&told, "newcomer")["outcome"], "created");
        let left = row(&told, sample::BY_PICK);
        assert_eq!(
            (&left["outcome"], &left["subject"]),
            (&json!("departed"), &json!("member"))
        );
        assert_eq!(
            left["changes"]["user.status"],
            json!({ "from": "active", "to": "disabled" }),
            "{left}"
        );
        let renamed = row(&told, sample::NORMAL);
        assert_eq!(
            renamed["changes"]["user.nickname"],
            json!({ "from": "Hua", "to": "新别名" }),
            "{renamed}"
        );

        let undone = undo(&fixture, &run).await;
        assert_eq!(
            (&undone["state"], &undone["cause"]),
            (&json!("succeeded"), &json!("undo")),
            "{undone}"
        );
        assert_eq!(undone["undoes"], run["id"]);
        let waits = async || {
            let shown = fixture.admin().get(&format!("data-sources/{}", id(&source))).await;
            let problems = shown["problems"].as_array().unwrap().clone();
            problems.iter().any(|problem| problem["number"] == "DI-211")
        };
        assert!(
            waits().await,
            "nothing is applied by itself, and the data source says so"
        );
        let after = people(&fixture).await;
        let odd = after.iter().find(|row| !before.contains(row));
        assert!(odd.is_none() && after.len() == before.len(), "{odd:?}");
        let taken_back = rows(&fixture, &undone).await;
        assert_eq!(row(&taken_back, "newcomer")["outcome"], "removed");
        assert!(
            row(&taken_back, sample::BY_PICK)["reason"]
                .as_str()
                .unwrap()
                .contains("stay ended")
        );
        assert_eq!(row(&rows(&fixture, &run).await, "newcomer")["undone"], "undone");
        // Access is back, what had ended is not.
        assert_eq!(
            portal.refresh(tokens["refresh_token"].as_str().unwrap()).await.status,
            400
        );
        let report = fixture.admin().items("offboardings?limit=200").await.remove(0);
        assert!(report["readmitted_at"].is_number(), "{report}");
        let again = fixture
            .admin()
            .call("POST", &format!("sync-runs/{}/undo", id(&run)), None)
            .await;
        assert_eq!(again.refusal(), (409, "SY-137"), "{}", again.body);
        let of_undo = fixture
            .admin()
            .call("POST", &format!("sync-runs/{}/undo", id(&undone)), None)
            .await;
        assert_eq!(of_undo.refusal(), (409, "SY-138"), "{}", of_undo.body);
        let audit = fixture.admin().items("audit-events?limit=200").await;
        assert!(
            audit
                .iter()
                .any(|event| event["detail"]["action"] == "undone" && event["actor"] != "system"),
            "{audit:?}"
        );
        fixture.sync(id(&source)).await;
        assert!(!waits().await);
    }
);

scenario!(
    what_somebody_changed_since_stays_and_the_rest_is_taken_back,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        go_wrong(&fixture);
        fixture.advance(Duration::from_secs(60));
        let run = fixture.sync(id(&source)).await;
        fixture.advance(Duration::from_secs(60));
        let user = format!("users/{}", fixture.admin().user_id(sample::NORMAL).await);
        fixture
            .admin()
            .change(&user, json!({ "profile": { "nickname": "by hand" } }))
            .await;
        let undone = undo(&fixture, &run).await;
        assert_eq!(undone["state"], "incomplete", "{undone}");
        assert_eq!(undone["findings"][0]["number"], "SY-140", "{undone}");
        assert_eq!(fixture.admin().get(&user).await["profile"]["nickname"], "by hand");
        let told = rows(&fixture, &run).await;
        assert_eq!(
            row(&told, sample::NORMAL)["undone"],
            "refused: user.nickname was changed since"
        );
        assert_eq!(row(&told, sample::BY_PICK)["undone"], "undone");
        assert_eq!(member(&fixture, sample::BY_PICK).await["state"], "present");
        assert_eq!(fixture.admin().user(sample::BY_PICK).await["status"], "active");
    }
);

scenario!(
    whom_somebody_gave_access_since_stays_when_the_sync_that_made_them_is_taken_back,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        go_wrong(&fixture);
        fixture.edit_corp(|corp| corp.add_member(Member::new("another", "又一人", &[4])));
        fixture.advance(Duration::from_secs(60));
        let run = fixture.sync(id(&source)).await;
        let admin = fixture.admin();
        let ops = group(&fixture, "ops").await;
        let grouped = admin.user_id("newcomer").await;
        join(&fixture, &ops, &[&grouped]).await;
        let named = admin.user_id("another").await;
        fixture.portal("wiki", json!({ "allowed_users": [named] })).await;
        undo(&fixture, &run).await;
        let told = rows(&fixture, &run).await;
        for (userid, user) in [("newcomer", &grouped), ("another", &named)] {
            let why = row(&told, userid)["undone"].to_string();
            assert!(why.contains("was given credentials or access"), "{userid}: {why}");
            assert_eq!(admin.get(&format!("users/{user}")).await["username"], userid);
        }
        assert_eq!(admin.get(&format!("groups/{}", id(&ops))).await["users"], 1);
    }
);
