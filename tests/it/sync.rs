//! Syncing through the public interfaces: what each kind of secret makes possible, duplicates, leavers, schedule, oddities.

use serde_json::{Value, json};
use simulator::{sample, world::Member};

use crate::{
    actors::{id, text},
    fixture::Fixture,
    scenario,
};

/// The runs of this data source.
pub async fn runs_of(fixture: &Fixture, source: &Value) -> Vec<Value> {
    let path = format!("sync-runs?data_source={}&limit=200", id(source));
    fixture.admin().items(&path).await
}

pub async fn member(fixture: &Fixture, userid: &str) -> Value {
    let members = fixture.admin().items("members?limit=200").await;
    // A tombstone keeps the userid of somebody who left before the userid was reused.
    let mut rows = members.iter().filter(|member| member["userid"] == userid);
    let found = rows
        .clone()
        .find(|member| member["state"] == "present")
        .or_else(|| rows.next());
    found
        .unwrap_or_else(|| panic!("no member {userid} in {members:?}"))
        .clone()
}

// Members and names with both secrets: the whole corp by ids, details where the app sees.
scenario!(with_both_secrets_everybody_is_imported, |fixture: Fixture| async move {
    let source = fixture.connect().await;
    let run = fixture.sync(id(&source)).await;
    assert_eq!(run["state"], "succeeded", "{run}");
    assert_eq!(fixture.admin().user(sample::NORMAL).await["display_name"], "李华");
    assert_eq!(
        member(&fixture, sample::OUT_OF_SCOPE).await["userid"],
        sample::OUT_OF_SCOPE
    );
    assert_eq!(run["counts"]["created"], 0, "a second run finds nothing to do: {run}");
});

scenario!(
    with_an_app_secret_only_the_visible_scope_is_imported,
    |fixture: Fixture| async move {
        let source = fixture.connect_with(json!({ "contacts_secret": null })).await;
        let run = runs_of(&fixture, &source).await.remove(0);
        assert_eq!(run["state"], "succeeded", "{run}");
        assert_eq!(fixture.admin().user(sample::NORMAL).await["display_name"], "李华");
        for userid in [sample::BY_TAG, sample::BY_PICK] {
            member(&fixture, userid).await;
        }
        let all = fixture.admin().get("members?limit=200").await.to_string();
        assert!(
            !all.contains(sample::OUT_OF_SCOPE),
            "a member the app cannot see was imported"
        );
    }
);

// product.md §6: "success" shown although 48009 returned nothing.
scenario!(
    with_a_contacts_secret_only_48009_is_never_success,
    |fixture: Fixture| async move {
        let source = fixture.connect_with(json!({ "app": null, "login_methods": [] })).await;
        let run = runs_of(&fixture, &source).await.remove(0);
        assert_eq!(run["state"], "incomplete", "{run}");
        let findings = run["findings"].as_array().unwrap();
        assert!(findings.iter().all(|finding| finding["lacking"].is_boolean()), "{run}");
        assert!(
            findings.iter().any(|finding| finding.to_string().contains("48009")),
            "it does not say what is missing: {run}"
        );
        assert_eq!(
            member(&fixture, sample::NORMAL).await["name"],
            Value::Null,
            "ids only, no invented names"
        );
    }
);

scenario!(
    a_wrong_secret_fails_the_run_and_is_not_tried_again_until_edited,
    |fixture: Fixture| async move {
        let source = fixture
            .admin()
            .create(
                "data-sources",
                json!({
                    "name": "x", "corp_id": sample::CORP, "duplicate_rule": "skip", "login_methods": [],
                    "app": { "agent_id": sample::AGENT_ID, "secret": "a-wrong-secret" }, "save_anyway": true,
                }),
            )
            .await;
        let run = fixture.sync(id(&source)).await;
        assert_eq!(run["state"], "failed", "{run}");
        assert_eq!(run["failure_number"], "SY-114", "{run}");
        assert!(run["failure_detail"].as_str().unwrap().contains("40001"), "{run}");
        let calls = fixture.wecom.calls("gettoken");
        fixture.sync(id(&source)).await;
        assert_eq!(
            fixture.wecom.calls("gettoken"),
            calls,
            "the wrong secret was sent again"
        );
        let mended = json!({ "app": { "agent_id": sample::AGENT_ID, "secret": sample::APP_SECRET } });
        fixture
            .admin()
            .change(&format!("data-sources/{}", id(&source)), mended)
            .await;
        assert_eq!(fixture.sync(id(&source)).await["state"], "succeeded");
        assert!(!run.to_string().contains("a-wrong-secret"));
    }
);

// product.md §6: a userid named `admin` took the local admin over.
scenario!(overwrite_never_touches_a_console_admin, |fixture: Fixture| async move {
    let local = json!({ "username": "admin", "display_name": "The real admin", "console_role": "admin" });
    let local = fixture.admin().create("users", local).await;
    fixture.edit_corp(|corp| corp.add_member(Member::new("admin", "冒名者", &[1])));
    fixture.connect().await;
    let after = fixture.admin().get(&format!("users/{}", id(&local))).await;
    assert_eq!(after["display_name"], "The real admin");
    let intruder = member(&fixture, "admin").await;
    assert_eq!(intruder["import_outcome"], "conflict", "{intruder}");
    assert!(
        intruder["import_reason"]
            .as_str()
            .is_some_and(|reason| !reason.is_empty())
    );
    assert_ne!(intruder["user_id"], local["id"]);
});

scenario!(
    a_member_whose_userid_looks_like_a_console_admins_name_is_a_conflict,
    |fixture: Fixture| async move {
        for (username, role) in [("Boss.Ii", "admin"), ("p0rtal", "auditor")] {
            let user = json!({ "username": username, "console_role": role });
            fixture.admin().create("users", user).await;
        }
        let alike = ["boss.li", "B0SS.1i", "Portal"];
        let others = ["boss.ll", "portal2", "r00t"];
        fixture.edit_corp(|corp| {
            for userid in alike.into_iter().chain(others) {
                corp.add_member(Member::new(userid, "同名者", &[1]));
            }
        });
        fixture.connect().await;
        for userid in alike {
            let held = member(&fixture, userid).await;
            assert_eq!(
                (&held["import_outcome"], &held["user_id"]),
                (&json!("conflict"), &json!(null)),
                "{held}"
            );
            assert!(text(&held, "import_reason").contains("looks like"), "{held}");
        }
        for userid in others {
            assert_eq!(member(&fixture, userid).await["import_outcome"], "imported", "{userid}");
        }
    }
);

scenario!(
    overwrite_takes_over_a_local_user_and_skip_leaves_them_each_with_a_reason,
    |fixture: Fixture| async move {
        let local = json!({ "username": sample::NORMAL, "display_name": "Old words" });
        let local = fixture.admin().create("users", local).await;
        let source = fixture.connect_with(json!({ "duplicate_rule": "skip" })).await;
        let skipped = member(&fixture, sample::NORMAL).await;
        assert_eq!(skipped["import_outcome"], "skipped", "{skipped}");
        assert!(skipped["import_reason"].is_string());
        fixture
            .admin()
            .change(
                &format!("data-sources/{}", id(&source)),
                json!({ "duplicate_rule": "overwrite" }),
            )
            .await;
        fixture.sync(id(&source)).await;
        let after = fixture.admin().get(&format!("users/{}", id(&local))).await;
        assert_eq!(after["display_name"], "李华", "overwritten");
        assert_eq!(member(&fixture, sample::NORMAL).await["user_id"], local["id"]);
    }
);

scenario!(
    overwrite_never_touches_a_user_of_another_corp,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let first = fixture.admin().user(sample::NORMAL).await;
        fixture.connect_second(json!({})).await;
        assert_eq!(fixture.admin().get(&format!("users/{}", id(&first))).await, first);
    }
);

// product.md §6: one malformed member aborts the whole sync (go-ldap-admin).
scenario!(one_malformed_member_is_one_skipped_row, |fixture: Fixture| async move {
    fixture.edit_corp(|corp| {
        let place = corp.member(sample::NORMAL).unwrap().departments[0].department;
        let mut odd = Member::new("odd", "", &[place]);
        odd.userid = String::new();
        corp.add_member(odd);
    });
    let source = fixture.connect_with(json!({ "contacts_secret": null })).await;
    let run = runs_of(&fixture, &source).await.remove(0);
    assert_eq!(run["counts"]["malformed"], 1, "{run}");
    let path = format!("sync-runs/{}/rows?limit=200", id(&run));
    let rows = fixture.admin().items(&path).await;
    assert!(rows.iter().any(|row| row["outcome"] == "malformed"), "{rows:?}");
    assert_eq!(fixture.admin().user(sample::NORMAL).await["status"], "active");
});

async fn removed(fixture: &Fixture, source: &Value) {
    let path = format!("data-sources/{}", id(source));
    let reply = fixture.admin().call("DELETE", &path, None).await;
    assert!((200..300).contains(&reply.status), "{}", reply.body);
}

scenario!(
    whom_a_removed_corp_left_behind_is_never_taken_over_by_another,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let first = fixture.admin().user(sample::NORMAL).await;
        removed(&fixture, &source).await;
        let before = fixture.admin().get(&format!("users/{}", id(&first))).await;
        assert_eq!(before["disabled_reason"], "source_removed");
        fixture.wecom.edit(|world| {
            world
                .corp_mut(sample::CORP2)
                .unwrap()
                .add_member(Member::new(sample::NORMAL, "别人", &[1]))
        });
        fixture.connect_second(json!({})).await;
        assert_eq!(fixture.admin().get(&format!("users/{}", id(&first))).await, before);
        let newcomer = member(&fixture, sample::NORMAL).await;
        assert!(newcomer["user_id"].is_string(), "{newcomer}");
        assert_ne!(newcomer["user_id"], first["id"], "another corp inherited the account");
    }
);

scenario!(
    a_corp_removed_and_connected_again_finds_its_users_active_and_the_same,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let before = fixture.admin().user(sample::NORMAL).await;
        removed(&fixture, &source).await;
        assert_eq!(fixture.admin().user(sample::NORMAL).await["status"], "disabled");
        fixture.connect().await;
        let after = fixture.admin().user(sample::NORMAL).await;
        assert_eq!(
            (&after["id"], &after["status"], &after["disabled_reason"]),
            (&before["id"], &json!("active"), &Value::Null)
        );
        assert_eq!(member(&fixture, sample::NORMAL).await["user_id"], before["id"]);
    }
);

// A userid is free for others once its owner has left; nobody here saw it, because the corp was not connected.
scenario!(
    whoever_got_a_userid_while_their_corp_was_not_connected_does_not_inherit_the_account,
    |fixture: Fixture| async move {
        let portal = fixture.portal("wiki", json!({})).await;
        let source = fixture.connect().await;
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let before = fixture.admin().user(sample::NORMAL).await;
        removed(&fixture, &source).await;
        let gone = fixture.edit_corp(|corp| {
            let gone = corp.remove_member(sample::NORMAL).unwrap();
            corp.add_member(Member {
                name: "别人".to_owned(),
                ..gone.clone()
            });
            gone
        });
        let source = fixture.connect().await;
        let newcomer = member(&fixture, sample::NORMAL).await;
        assert!(newcomer["user_id"].is_string(), "{newcomer}");
        assert_ne!(
            newcomer["user_id"], before["id"],
            "another person inherited the account"
        );
        let theirs = fixture.admin().user(&format!("{}-2", sample::NORMAL)).await;
        assert_eq!(
            (&theirs["id"], &theirs["status"]),
            (&newcomer["user_id"], &json!("active"))
        );
        let old = fixture.admin().get(&format!("users/{}", id(&before))).await;
        assert_eq!((&old["status"], &old["email"]), (&json!("disabled"), &before["email"]));
        let refreshed = portal.refresh(tokens["refresh_token"].as_str().unwrap()).await;
        assert_eq!(refreshed.status, 400);
        // The same again finds the newcomer under the name they were given.
        removed(&fixture, &source).await;
        let source = fixture.connect().await;
        assert_eq!(member(&fixture, sample::NORMAL).await["user_id"], theirs["id"]);
        // And the one before, when the userid is theirs again.
        removed(&fixture, &source).await;
        fixture.edit_corp(|corp| {
            corp.remove_member(sample::NORMAL);
            corp.add_member(gone);
        });
        fixture.connect().await;
        assert_eq!(member(&fixture, sample::NORMAL).await["user_id"], before["id"]);
    }
);

scenario!(
    a_user_an_admin_removed_stays_removed_until_an_admin_makes_one_again,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let path = format!("users/{}", fixture.admin().user_id(sample::NORMAL).await);
        let reply = fixture.admin().call("DELETE", &path, None).await;
        assert!((200..300).contains(&reply.status), "{}", reply.body);
        for _ in 0..2 {
            fixture.advance(std::time::Duration::from_secs(60));
            assert_eq!(fixture.sync(id(&source)).await["state"], "succeeded");
            let row = member(&fixture, sample::NORMAL).await;
            assert_eq!(
                (&row["import_outcome"], &row["user_id"]),
                (&json!("removed"), &Value::Null),
                "{row}"
            );
        }
        let again = fixture
            .admin()
            .create("users", json!({ "username": sample::NORMAL }))
            .await;
        fixture.sync(id(&source)).await;
        let row = member(&fixture, sample::NORMAL).await;
        assert_eq!(
            (&row["import_outcome"], &row["user_id"]),
            (&json!("imported"), &again["id"])
        );
    }
);
