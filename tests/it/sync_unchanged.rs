//! A sync that is told what the one before was told, while nothing changed here: it compares nothing, and says what it would have said.

use serde_json::{Value, json};
use simulator::sample;

use crate::{actors::id, fixture::Fixture, scenario, sync::member};

/// An installation whose syncs have nothing to do.
async fn settled(fixture: &Fixture, body: Value) -> Value {
    let source = fixture.connect_with(body).await;
    until_as_before(fixture, &source).await;
    source
}

async fn until_as_before(fixture: &Fixture, source: &Value) -> Value {
    for _ in 0..4 {
        let run = fixture.sync(id(source)).await;
        if is_as_before(&run) {
            return run;
        }
    }
    panic!("everything is compared for ever");
}

fn is_as_before(run: &Value) -> bool {
    run["counts"]["as_before"].as_bool().unwrap()
}

async fn rows(fixture: &Fixture, run: &Value) -> Vec<Value> {
    let rows = fixture
        .admin()
        .items(&format!("sync-runs/{}/rows?limit=200", id(run)))
        .await;
    let told = |row: &Value| json!([row["userid"], row["outcome"], row["reason"]]);
    let mut rows: Vec<Value> = rows.iter().map(told).collect();
    rows.sort_by_key(Value::to_string);
    rows
}

async fn says_the_same(fixture: &Fixture, secrets: Value) {
    let source = fixture.connect_with(secrets).await;
    let mut long = fixture.sync(id(&source)).await;
    let mut short = until_as_before(fixture, &source).await;
    assert!(!is_as_before(&long), "{long}");
    assert_eq!(rows(fixture, &long).await, rows(fixture, &short).await);
    for run in [&mut long, &mut short] {
        run["counts"]["as_before"] = Value::Null;
    }
    for said in ["counts", "findings", "state", "calls"] {
        assert_eq!(long[said], short[said], "{said}");
    }
}

scenario!(
    a_sync_that_is_told_the_same_says_the_same,
    |fixture: Fixture| async move {
        says_the_same(&fixture, json!({ "contacts_secret": null })).await;
    }
);

scenario!(so_it_does_with_both_secrets, |fixture: Fixture| async move {
    says_the_same(&fixture, json!({})).await;
});

scenario!(
    any_change_on_either_side_has_a_sync_compare,
    |fixture: Fixture| async move {
        let source = settled(&fixture, json!({ "contacts_secret": null })).await;
        let admin = fixture.admin();
        let compares = async |why: &str| {
            let run = fixture.sync(id(&source)).await;
            assert!(!is_as_before(&run), "{why}: {run}");
            assert_eq!(run["state"], "succeeded", "{why}: {run}");
            until_as_before(&fixture, &source).await;
            run
        };
        fixture.edit_corp(|corp| corp.member_mut(sample::NORMAL).unwrap().position = "other".to_owned());
        assert_eq!(compares("a field in WeCom").await["counts"]["updated"], 1);
        assert_eq!(member(&fixture, sample::NORMAL).await["position"], "other");
        let user = format!("users/{}", admin.user_id(sample::NORMAL).await);
        admin.change(&user, json!({ "display_name": "typed in" })).await;
        compares("an edit of a user").await;
        let settings = format!("data-sources/{}", id(&source));
        admin
            .change(&settings, json!({ "removal_threshold_percent": 33 }))
            .await;
        compares("a setting").await;
        admin.disable(sample::NORMAL).await;
        compares("a user who was disabled").await;
        admin
            .create("users", json!({ "username": "another", "display_name": "Another" }))
            .await;
        compares("a new user").await;
        admin
            .call("DELETE", &format!("users/{}", admin.user_id("another").await), None)
            .await;
        compares("a user who is gone").await;
    }
);
