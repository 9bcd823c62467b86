//! A sync that is told what the one before was told, while nothing changed here: it compares nothing, and says what it would have said.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, DbBackend, Statement};
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

scenario!(
    what_changed_here_is_found_although_wecom_says_the_same_of_them,
    |fixture: Fixture| async move {
        let source = fixture.connect_with(json!({ "contacts_secret": null })).await;
        let admin = fixture.admin();
        let user = format!("users/{}", admin.user_id(sample::NORMAL).await);
        let before = admin.get(&user).await["display_name"].clone();
        let runs = async |position: &str| {
            // Somebody else changes in WeCom, so it is compared.
            fixture.edit_corp(|corp| position.clone_into(&mut corp.member_mut(sample::ADMIN).unwrap().position));
            let run = fixture.sync(id(&source)).await;
            let counts = &run["counts"];
            assert_eq!(
                (&run["state"], &counts["as_before"]),
                (&json!("succeeded"), &json!(false)),
                "{run}"
            );
            (
                counts["updated"].as_u64().unwrap(),
                counts["unchanged"].as_u64().unwrap(),
            )
        };
        let (one, others) = runs("first").await;
        assert!(one == 1 && others > 1);
        admin.change(&user, json!({ "display_name": "typed in" })).await;
        admin.change(&user, json!({ "pinned": [] })).await;
        assert_eq!(runs("second").await, (2, others - 1));
        assert_eq!(admin.get(&user).await["display_name"], before);
        // A run that was just through with them finds them as they are.
        assert_eq!(runs("third").await, (1, others));
    }
);

/// Tables that plans read.
const READ: [&str; 9] = [
    "department",
    "import_decision",
    "member",
    "scope_entry",
    "tag",
    "tag_department",
    "tag_user",
    "users",
    "wecom_app",
];

scenario!(each_table_that_plans_read_is_watched, |fixture: Fixture| async move {
    let database = sea_orm::Database::connect(fixture.database_url()).await.unwrap();
    let backend = database.get_database_backend();
    let statement = match backend {
        DbBackend::Postgres => "SELECT tgname::text AS name FROM pg_trigger WHERE NOT tgisinternal",
        _ => "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    };
    let found = database.query_all_raw(Statement::from_string(backend, statement)).await;
    let name = |row: &sea_orm::QueryResult| row.try_get::<String>("", "name").unwrap();
    let found: BTreeSet<String> = found.unwrap().iter().map(name).collect();
    let expected = READ.iter().flat_map(|table| {
        let name = move |event| format!("tr_{table}_{event}_sync_input");
        ["insert", "update", "delete"].map(name)
    });
    let members = ["member_update", "member_delete", "users_update"].map(|name| format!("tr_{name}_sync_member"));
    let expected = expected.chain(members);
    let lacking: Vec<String> = expected.filter(|name| !found.contains(name)).collect();
    assert!(lacking.is_empty(), "{lacking:?} of {found:?}");
});
