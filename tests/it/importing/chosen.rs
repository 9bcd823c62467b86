//! Chosen members only: who is mirrored and no user, how they become one, and how they are taken out again.

use serde_json::{Value, json};
use simulator::{sample, world::Member};

use super::decide;
use crate::{
    actors::{As, LogoutReceiver, Portal, Reply, id, text},
    back_channel_logout::listening,
    fixture::Fixture,
    refusals::refused_when_scanning,
    scenario,
    sync::member,
};

async fn choose(fixture: &Fixture, userid: &str, action: &str) -> Reply {
    decide(fixture, "members", userid, action, json!({})).await
}

async fn chosen_only(fixture: &Fixture) -> Value {
    fixture.connect_with(json!({ "import": "chosen" })).await
}

async fn users(fixture: &Fixture) -> Vec<String> {
    let users = fixture.admin().items("users?limit=200").await;
    users.iter().map(|user| text(user, "username").to_owned()).collect()
}

async fn sub(fixture: &Fixture, portal: &Portal, userid: &str) -> Value {
    let tokens = portal.tokens(fixture, &fixture.browser(), userid).await;
    portal.userinfo(text(&tokens, "access_token")).await.body["sub"].clone()
}

scenario!(
    where_members_are_chosen_everybody_is_mirrored_and_only_the_chosen_are_users,
    |fixture: Fixture| async move {
        let source = chosen_only(&fixture).await;
        assert_eq!(users(&fixture).await, [] as [&str; 0]);
        let held = member(&fixture, sample::NORMAL).await;
        assert_eq!(
            (&held["import_outcome"], &held["name"]),
            (&json!("not_chosen"), &json!("李华"))
        );
        assert!(held["import_reason"].is_string(), "{held}");
        assert_eq!(
            fixture.admin().items("conflicts").await,
            [] as [Value; 0],
            "that is no conflict"
        );
        let portal = fixture.portal("wiki", json!({})).await;
        refused_when_scanning(&fixture, &portal, As::Member(sample::NORMAL), "GT-110", "imported").await;
        let imported = choose(&fixture, sample::NORMAL, "import").await;
        assert_eq!(imported.status, 200, "{}", imported.body);
        let user = fixture.admin().user(sample::NORMAL).await;
        assert_eq!(
            (
                &imported.body["user_id"],
                &imported.body["import_outcome"],
                &user["display_name"]
            ),
            (&user["id"], &json!("imported"), &json!("李华"))
        );
        assert_eq!(sub(&fixture, &portal, sample::NORMAL).await, user["id"]);
        let twice = choose(&fixture, sample::NORMAL, "import").await;
        assert_eq!(twice.refusal(), (409, "DI-226"));
        for _ in 0..2 {
            let run = fixture.sync(id(&source)).await;
            assert_eq!(
                (&run["counts"]["created"], &run["counts"]["updated"]),
                (&json!(0), &json!(0)),
                "{run}"
            );
        }
        assert_eq!(users(&fixture).await, [sample::NORMAL]);
        let named = decide(
            &fixture,
            "members",
            sample::ADMIN,
            "import",
            json!({ "username": "san.zhang" }),
        )
        .await;
        assert_eq!(
            named.body["user_id"],
            fixture.admin().user("san.zhang").await["id"],
            "{}",
            named.body
        );
    }
);

scenario!(
    several_members_are_chosen_at_once_and_whoever_duplicates_somebody_is_listed,
    |fixture: Fixture| async move {
        let local = fixture
            .admin()
            .create("users", json!({ "username": sample::ADMIN }))
            .await;
        let source = fixture
            .connect_with(json!({ "import": "chosen", "duplicate_rule": "skip" }))
            .await;
        let mut ids = Vec::new();
        for userid in [sample::NORMAL, sample::ADMIN, sample::DISABLED] {
            ids.push(id(&member(&fixture, userid).await).to_owned());
        }
        let done = fixture
            .admin()
            .create("members/import", json!({ "members": ids }))
            .await;
        let outcomes: Vec<&str> = done["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| text(item, "import_outcome"))
            .collect();
        assert_eq!(outcomes, ["imported", "skipped", "imported"]);
        // Whoever may not come in begins disabled, as at a sync.
        let disabled = fixture.admin().user(sample::DISABLED).await;
        assert_eq!(
            (&disabled["status"], &disabled["disabled_reason"]),
            (&json!("disabled"), &json!("wecom_disabled"))
        );
        let conflicts = fixture.admin().items("conflicts").await;
        assert_eq!(conflicts.len(), 1, "{conflicts:?}");
        assert_eq!(conflicts[0]["candidates"][0]["id"], local["id"]);
        let single = choose(&fixture, sample::ADMIN, "import").await;
        assert_eq!(single.refusal(), (409, "DI-232"));
        assert!(
            text(&single.body, "detail").contains("duplicate rule is skip"),
            "{}",
            single.body
        );
        // The choice holds: once the name is free the next sync imports them.
        let path = format!("users/{}", id(&local));
        fixture
            .admin()
            .change(&path, json!({ "username": "somebody.else" }))
            .await;
        fixture.sync(id(&source)).await;
        assert_eq!(member(&fixture, sample::ADMIN).await["import_outcome"], "imported");

        let other = fixture.connect_second(json!({ "import": "chosen" })).await;
        let elsewhere = fixture
            .admin()
            .items(&format!("members?data_source={}", id(&other)))
            .await;
        let nil = "00000000-0000-0000-0000-000000000000";
        for (members, refusal) in [
            (json!([]), (422, "DI-101")),
            (json!([ids[0], ids[0]]), (422, "DI-101")),
            (json!(vec![nil; 101]), (422, "DI-101")),
            (json!([ids[0], id(&elsewhere[0])]), (422, "DI-101")),
            (json!([ids[0], nil]), (404, "DI-102")),
            (json!(["x"]), (400, "WB-101")),
            (json!("x"), (400, "WB-101")),
        ] {
            let refused = fixture
                .admin()
                .call("POST", "members/import", Some(json!({ "members": members })))
                .await;
            assert_eq!(refused.refusal(), refusal, "{}", refused.body);
        }
    }
);

scenario!(
    whoever_is_taken_out_of_the_choice_is_out_at_once_and_the_same_user_when_chosen_again,
    |fixture: Fixture| async move {
        let source = chosen_only(&fixture).await;
        choose(&fixture, sample::NORMAL, "import").await;
        let told = LogoutReceiver::listen();
        let portal = listening(&fixture, "wiki", &told).await;
        let browser = fixture.browser();
        let tokens = portal.tokens(&fixture, &browser, sample::NORMAL).await;
        let user = fixture.admin().user(sample::NORMAL).await;
        let excluded = choose(&fixture, sample::NORMAL, "exclude").await;
        assert_eq!(
            (excluded.status, &excluded.body["import_outcome"]),
            (200, &json!("not_chosen")),
            "{}",
            excluded.body
        );
        portal.assert_ended(&tokens).await;
        assert!(portal.authorize_silently(&browser).await.returned("code").is_none());
        fixture.app.tick().await.unwrap();
        fixture.wait_for_background_work().await;
        assert_eq!(told.heard().len(), 1, "the portal was not told");
        let path = format!("users/{}", id(&user));
        let out = fixture.admin().get(&path).await;
        assert_eq!(
            (&out["status"], &out["disabled_reason"]),
            (&json!("disabled"), &json!("excluded"))
        );
        let reports = fixture.admin().items("offboardings?reason=excluded").await;
        assert_eq!((reports.len(), &reports[0]["user_id"]), (1, &user["id"]), "{reports:?}");
        // Neither a sync nor WeCom showing them as active lets them in again.
        fixture.sync(id(&source)).await;
        refused_when_scanning(&fixture, &portal, As::Member(sample::NORMAL), "GT-111", "user_active").await;
        assert_eq!(fixture.admin().get(&path).await["disabled_reason"], "excluded");
        let twice = choose(&fixture, sample::NORMAL, "exclude").await;
        assert_eq!(twice.refusal(), (409, "DI-234"));
        let again = choose(&fixture, sample::NORMAL, "import").await;
        assert_eq!(
            (again.status, &again.body["import_outcome"]),
            (200, &json!("imported")),
            "{}",
            again.body
        );
        assert_eq!(sub(&fixture, &portal, sample::NORMAL).await, user["id"]);
        let run = fixture.sync(id(&source)).await;
        assert_eq!(run["counts"]["updated"], 0, "{run}");
    }
);

// product.md S3.5: members imported before keep working.
scenario!(
    switching_to_chosen_keeps_whoever_is_a_user_and_switching_back_imports_the_rest,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let path = format!("data-sources/{}", id(&source));
        let portal = fixture.portal("wiki", json!({})).await;
        let before = users(&fixture).await;
        let all = choose(&fixture, sample::NORMAL, "exclude").await;
        assert_eq!(all.refusal(), (409, "DI-233"));
        fixture.admin().change(&path, json!({ "import": "chosen" })).await;
        fixture.edit_corp(|corp| {
            corp.add_member(Member::new("newcomer", "新人", &[1]));
            corp.member_mut(sample::NORMAL).unwrap().name = "李华(外包)".to_owned();
        });
        fixture.sync(id(&source)).await;
        assert_eq!(users(&fixture).await, before);
        assert_eq!(member(&fixture, "newcomer").await["import_outcome"], "not_chosen");
        assert_eq!(
            fixture.admin().user(sample::NORMAL).await["display_name"],
            "李华(外包)",
            "users go on as before"
        );
        sub(&fixture, &portal, sample::NORMAL).await;
        let excluded = choose(&fixture, sample::ADMIN, "exclude").await;
        assert_eq!(excluded.status, 200, "{}", excluded.body);
        fixture.admin().change(&path, json!({ "import": "all" })).await;
        fixture.sync(id(&source)).await;
        assert_eq!(member(&fixture, "newcomer").await["import_outcome"], "imported");
        let out = member(&fixture, sample::ADMIN).await;
        assert_eq!(
            out["import_outcome"], "not_chosen",
            "who was taken out stays out: {out}"
        );
        refused_when_scanning(&fixture, &portal, As::Member(sample::ADMIN), "GT-111", "user_active").await;
        choose(&fixture, sample::ADMIN, "import").await;
        sub(&fixture, &portal, sample::ADMIN).await;
    }
);

scenario!(
    a_console_admin_is_not_taken_out_and_a_leaver_not_decided_about,
    |fixture: Fixture| async move {
        let source = chosen_only(&fixture).await;
        choose(&fixture, sample::NORMAL, "import").await;
        choose(&fixture, sample::ADMIN, "import").await;
        let user = fixture.admin().user(sample::NORMAL).await;
        let path = format!("users/{}", id(&user));
        fixture.admin().change(&path, json!({ "console_role": "admin" })).await;
        let refused = choose(&fixture, sample::NORMAL, "exclude").await;
        assert_eq!(refused.refusal(), (409, "DI-227"));
        assert_eq!(fixture.admin().get(&path).await["status"], "active");
        // Nor enabled by choosing them, where they were taken out before they had a role.
        let before = fixture.admin().user(sample::ADMIN).await;
        choose(&fixture, sample::ADMIN, "exclude").await;
        let path = format!("users/{}", id(&before));
        fixture.admin().change(&path, json!({ "console_role": "admin" })).await;
        let refused = choose(&fixture, sample::ADMIN, "import").await;
        assert_eq!(refused.refusal(), (409, "DI-227"));
        assert_eq!(fixture.admin().get(&path).await["status"], "disabled");
        fixture.edit_corp(|corp| corp.remove_member(sample::BY_TAG));
        fixture.sync(id(&source)).await;
        for action in ["import", "exclude"] {
            let gone = choose(&fixture, sample::BY_TAG, action).await;
            assert_eq!(gone.refusal(), (409, "DI-230"), "{action}");
        }
    }
);

scenario!(
    a_user_an_admin_removed_is_imported_again_only_when_somebody_chooses_them,
    |fixture: Fixture| async move {
        let source = chosen_only(&fixture).await;
        choose(&fixture, sample::NORMAL, "import").await;
        let user = fixture.admin().user(sample::NORMAL).await;
        let path = format!("users/{}", id(&user));
        let reply = fixture.admin().call("DELETE", &path, None).await;
        assert!((200..300).contains(&reply.status), "{}", reply.body);
        fixture.sync(id(&source)).await;
        assert_eq!(
            member(&fixture, sample::NORMAL).await["import_outcome"],
            "removed",
            "what was decided before is over"
        );
        let again = choose(&fixture, sample::NORMAL, "import").await;
        assert_eq!(again.body["import_outcome"], "imported", "{}", again.body);
        assert_ne!(again.body["user_id"], user["id"]);
        fixture.sync(id(&source)).await;
        assert_eq!(member(&fixture, sample::NORMAL).await["user_id"], again.body["user_id"]);
    }
);

// The name is free again, and an admin gives it to somebody.
scenario!(
    a_decision_about_a_user_who_was_removed_never_takes_the_next_one_of_that_name_over,
    |fixture: Fixture| async move {
        let rules = json!({ "import": "chosen", "duplicate_rule": "overwrite" });
        let source = fixture.connect_with(rules).await;
        choose(&fixture, sample::NORMAL, "import").await;
        let path = format!("users/{}", fixture.admin().user_id(sample::NORMAL).await);
        fixture.admin().call("DELETE", &path, None).await;
        let local = json!({ "username": sample::NORMAL, "display_name": "somebody else" });
        let local = fixture.admin().create("users", local).await;
        for _ in 0..3 {
            fixture.advance(std::time::Duration::from_secs(1));
            fixture.sync(id(&source)).await;
        }
        assert!(member(&fixture, sample::NORMAL).await["user_id"].is_null());
        let shown = fixture.admin().get(&format!("users/{}", id(&local))).await;
        assert_eq!(shown["display_name"], "somebody else", "{shown}");
    }
);

// An admin enabled by hand whom another had taken out.
scenario!(
    who_was_taken_out_and_enabled_by_hand_can_be_taken_out_again,
    |fixture: Fixture| async move {
        chosen_only(&fixture).await;
        choose(&fixture, sample::NORMAL, "import").await;
        choose(&fixture, sample::NORMAL, "exclude").await;
        assert_eq!(
            choose(&fixture, sample::NORMAL, "exclude").await.refusal(),
            (409, "DI-234")
        );
        let path = format!("users/{}", fixture.admin().user_id(sample::NORMAL).await);
        fixture.admin().change(&path, json!({ "status": "active" })).await;
        let again = choose(&fixture, sample::NORMAL, "exclude").await;
        assert_eq!(again.status, 200, "{}", again.body);
        assert_eq!(fixture.admin().get(&path).await["status"], "disabled");
    }
);

scenario!(
    of_whom_it_is_in_doubt_who_they_are_nothing_is_decided,
    |fixture: Fixture| async move {
        let source = fixture
            .connect_with(json!({ "import": "chosen", "contacts_secret": null }))
            .await;
        choose(&fixture, sample::NORMAL, "import").await;
        fixture.edit_corp(|corp| "欧阳华".clone_into(&mut corp.member_mut(sample::NORMAL).unwrap().name));
        let run = fixture.sync(id(&source)).await;
        assert_eq!(run["counts"]["doubtful"], 1, "{run}");
        let refused = choose(&fixture, sample::NORMAL, "exclude").await;
        assert_eq!(refused.refusal(), (409, "DI-235"));
    }
);
