//! Groups of ours (docs/groups.md): who is in them, what they let into, and what portals are told of them.

mod access;
mod claims;
mod races;

use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::{id, text},
    fixture::Fixture,
    scenario,
};

/// A new group.
pub async fn group(fixture: &Fixture, name: &str) -> Value {
    fixture.admin().create("groups", json!({ "name": name })).await
}

/// Puts users into a group.
pub async fn join(fixture: &Fixture, group: &Value, users: &[&str]) -> Value {
    let path = format!("groups/{}/users", id(group));
    let reply = fixture
        .admin()
        .call("POST", &path, Some(json!({ "users": users })))
        .await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.body
}

/// Takes a user out of a group.
pub async fn leave(fixture: &Fixture, group: &Value, user: &str) {
    let path = format!("groups/{}/users/{user}", id(group));
    assert_eq!(fixture.admin().call("DELETE", &path, None).await.status, 204);
}

/// What the audit log says was done to a group, the oldest first.
async fn log_of(fixture: &Fixture, group: &Value) -> Vec<Value> {
    let subject = format!("group:{}", id(group));
    let mut events = fixture.admin().items("audit-events?kind=configured&limit=200").await;
    events.retain(|event| event["subject"] == subject);
    events.reverse();
    events
}

scenario!(
    a_group_is_made_filled_renamed_emptied_and_deleted_and_all_of_it_is_on_record,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let admin = fixture.admin();
        let body = json!({ "name": "wiki-editors", "description": "Whoever\nwrites" });
        let made = admin.create("groups", body).await;
        assert_eq!(
            (&made["users"], &made["clients"], &made["description"]),
            (&json!(0), &json!([]), &json!("Whoever\nwrites"))
        );
        let anna = admin.create("users", json!({ "username": "anna" })).await;
        let lihua = admin.user_id(sample::NORMAL).await;
        assert_eq!(join(&fixture, &made, &[id(&anna), &lihua, &lihua]).await["users"], 2);
        // Once more changes nothing, and nothing is on record.
        assert_eq!(join(&fixture, &made, &[id(&anna)]).await["users"], 2);
        let path = format!("groups/{}", id(&made));
        let within = admin.items(&format!("{path}/users?sort=username")).await;
        let names: Vec<&str> = within.iter().map(|user| text(user, "username")).collect();
        assert_eq!(names, ["anna", sample::NORMAL]);
        let theirs = admin.items(&format!("groups?user={lihua}")).await;
        assert_eq!(theirs.len(), 1);
        admin.change(&path, json!({ "name": "Wiki-Editors" })).await;
        leave(&fixture, &made, id(&anna)).await;
        let gone = admin.call("DELETE", &format!("{path}/users/{}", id(&anna)), None).await;
        assert_eq!(gone.refusal(), (404, "DI-102"), "{}", gone.body);
        assert_eq!(admin.call("DELETE", &path, None).await.status, 204);
        assert_eq!(admin.call("GET", &path, None).await.refusal(), (404, "DI-102"));
        assert_eq!(admin.items(&format!("groups?user={lihua}")).await, Vec::<Value>::new());

        let log = log_of(&fixture, &made).await;
        let told: Vec<(&str, &Value)> = log
            .iter()
            .map(|event| (text(&event["detail"], "action"), &event["detail"]["username"]))
            .collect();
        let [created, first, second, renamed, removed, deleted] = told.as_slice() else {
            panic!("{told:?}")
        };
        assert_eq!(
            [created.0, first.0, second.0, renamed.0, removed.0, deleted.0],
            [
                "created",
                "user_added",
                "user_added",
                "changed",
                "user_removed",
                "deleted"
            ]
        );
        let mut added = [first.1.as_str().unwrap(), second.1.as_str().unwrap()];
        added.sort_unstable();
        assert_eq!((added, removed.1), (["anna", sample::NORMAL], &json!("anna")));
        let detail = |place: usize| &log[place]["detail"];
        assert_eq!(
            (&detail(1)["before"], &detail(1)["after"], &detail(1)["group"]),
            (
                &json!({ "within": false }),
                &json!({ "within": true }),
                &json!("wiki-editors")
            )
        );
        assert_eq!(detail(3)["before"], json!({ "name": "wiki-editors" }));
        assert_eq!(detail(3)["after"], json!({ "name": "Wiki-Editors" }));
        assert_eq!(
            (&detail(5)["before"]["name"], &detail(5)["users"]),
            (&json!("Wiki-Editors"), &json!(1))
        );
        let history = admin.items(&format!("audit-events?user={lihua}&kind=configured")).await;
        assert!(
            history.iter().any(|event| event["detail"]["action"] == "user_added"),
            "a person's history has it: {history:?}"
        );
    }
);

scenario!(
    a_groups_name_is_its_own_in_every_letter_case_and_no_path,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        group(&fixture, "Ops").await;
        let other = group(&fixture, "值班").await;
        let twice = admin.call("POST", "groups", Some(json!({ "name": "ops" }))).await;
        assert_eq!(twice.refusal(), (409, "DI-270"), "{}", twice.body);
        let path = format!("groups/{}", id(&other));
        let renamed = admin.call("PATCH", &path, Some(json!({ "name": "OPS" }))).await;
        assert_eq!(renamed.refusal(), (409, "DI-270"), "{}", renamed.body);
        for name in ["", " a", "/总部/研发", "ﬁnance"] {
            let refused = admin.call("POST", "groups", Some(json!({ "name": name }))).await;
            assert_eq!(refused.refusal(), (422, "DI-101"), "{name:?}: {}", refused.body);
        }
        for users in [json!([]), json!([id(&other)]), json!(vec![id(&other); 201])] {
            let body = json!({ "users": users });
            let refused = admin.call("POST", &format!("{path}/users"), Some(body)).await;
            assert_eq!(refused.refusal(), (422, "DI-101"), "{}", refused.body);
        }
        assert_eq!(admin.items("groups?name=OPS").await.len(), 1);
        assert_eq!(admin.items("groups?q=班").await.len(), 1);
        assert_eq!(admin.items("groups?q=zz9qx").await.len(), 0);
        let many: Vec<Value> = admin.items("groups?sort=-name&limit=1").await;
        assert_eq!((many.len(), &many[0]["name"]), (1, &json!("值班")));
    }
);

scenario!(
    whoever_is_deleted_is_in_no_group_any_more,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        let ops = group(&fixture, "ops").await;
        let anna = admin.create("users", json!({ "username": "anna" })).await;
        join(&fixture, &ops, &[id(&anna)]).await;
        let path = format!("users/{}", id(&anna));
        assert_eq!(admin.call("DELETE", &path, None).await.status, 204);
        let path = format!("groups/{}", id(&ops));
        assert_eq!(admin.get(&path).await["users"], 0);
        assert_eq!(admin.items(&format!("{path}/users")).await, Vec::<Value>::new());
        let events = admin.items("audit-events?kind=configured").await;
        let deleted = events.iter().find(|event| event["detail"]["action"] == "deleted");
        assert_eq!(deleted.unwrap()["detail"]["groups"], json!(["ops"]));
    }
);

scenario!(
    people_are_listed_and_exported_by_group_with_every_other_filter,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        let mut ids = Vec::new();
        for (username, status) in [("anna", "active"), ("bert", "disabled"), ("carl", "active")] {
            let user = admin.create("users", json!({ "username": username })).await;
            admin
                .change(&format!("users/{}", id(&user)), json!({ "status": status }))
                .await;
            ids.push(id(&user).to_owned());
        }
        let editors = group(&fixture, "editors").await;
        join(&fixture, &editors, &[&ids[0], &ids[1]]).await;
        let of_group = format!("group={}", id(&editors));
        let named = async |filter: &str| {
            let users = admin.items(&format!("users?sort=username&{filter}")).await;
            let names: Vec<String> = users.iter().map(|user| text(user, "username").to_owned()).collect();
            names
        };
        assert_eq!(named(&of_group).await, ["anna", "bert"]);
        assert_eq!(named(&format!("{of_group}&status=active")).await, ["anna"]);
        assert_eq!(named(&format!("{of_group}&q=ber")).await, ["bert"]);
        assert_eq!(named("group=00000000-0000-7000-8000-000000000000").await, [""; 0]);
        let odd = admin.call("GET", "users?group=editors", None).await;
        assert!((400..=422).contains(&odd.status), "{}", odd.body);
        let (status, csv) = admin
            .status("GET", &format!("users.csv?{of_group}&status=active"), None)
            .await;
        assert!(status == 200 && csv.contains("anna") && !csv.contains("bert"), "{csv}");
        leave(&fixture, &editors, &ids[0]).await;
        assert_eq!(named(&of_group).await, ["bert"]);
    }
);
