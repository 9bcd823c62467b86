//! What a run concludes from refused calls: one that passes changes nothing that rests on it, one that lasts is an answer.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{
    sample,
    world::{Fault, FaultKind, Member, Placement, Scope},
};

use crate::{
    actors::{As, id},
    fixture::Fixture,
    scenario,
    sync::{member, runs_of},
};

fn numbers(run: &Value) -> Vec<&str> {
    let findings = run["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|finding| finding["number"].as_str().unwrap())
        .collect()
}

fn refused(call: &str, errcode: i32) -> Fault {
    Fault::new(&format!("/cgi-bin/{call}"), FaultKind::Errcode(errcode))
}

async fn app_alone(fixture: &Fixture) -> Value {
    fixture.connect_with(json!({ "contacts_secret": null })).await
}

/// The next run ends as `state`, and removes exactly this member.
async fn removes_only(fixture: &Fixture, source: &Value, leaver: &str, state: &str) -> Value {
    let run = fixture.sync(id(source)).await;
    assert_eq!(run["state"], state, "{run}");
    assert_eq!(run["counts"]["departed"], 1, "{run}");
    let user = fixture.admin().user(leaver).await;
    assert_eq!(user["disabled_reason"], "departed", "{user}");
    run
}

// Three members are seen by the app without their departments, which only the ids of the corp tell.
scenario!(
    throttled_ids_of_the_corp_keep_departments_and_who_may_enter_a_portal,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let departments = fixture.admin().items("departments?limit=200").await;
        let theirs = departments.iter().find(|row| row["wecom_id"] == 10).unwrap();
        let portal = json!({ "allowed_departments": [theirs["id"]] });
        let portal = fixture.portal("site", portal).await;
        let enters = async |userid| {
            let page = portal.sign_in(&fixture, &fixture.browser(), As::Member(userid)).await;
            assert!(page.returned("code").is_some(), "{userid}: {}", page.body);
        };
        enters(sample::BY_PICK).await;
        let before = fixture.admin().items("members?limit=200").await;
        fixture.add_fault(refused("user/list_id", 45009));
        // Nobody who left meanwhile can be told from who is hidden behind it.
        fixture.edit_corp(|corp| corp.remove_member(sample::OUT_OF_SCOPE));
        let run = fixture.sync(id(&source)).await;
        assert_eq!(run["state"], "incomplete", "{run}");
        assert_eq!(numbers(&run)[..2], ["SY-105", "SY-112"], "{run}");
        assert!(run["findings"].to_string().contains("user/list_id"), "{run}");
        let departments_of = |rows: &[Value]| -> Vec<(Value, Value)> {
            rows.iter()
                .map(|row| (row["userid"].clone(), row["departments"].clone()))
                .collect()
        };
        let after = fixture.admin().items("members?limit=200").await;
        assert_eq!(departments_of(&after), departments_of(&before));
        enters(sample::BY_PICK).await;
        enters(sample::BY_TAG).await;
        fixture.mend_wecom();
        removes_only(&fixture, &source, sample::OUT_OF_SCOPE, "succeeded").await;
    }
);

scenario!(
    the_ids_of_the_corp_show_a_leaver_although_other_lists_fail,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        for call in ["agent/get", "department/list", "tag/list"] {
            fixture.add_fault(refused(call, 45009));
        }
        fixture.edit_corp(|corp| corp.remove_member(sample::NORMAL));
        let run = removes_only(&fixture, &source, sample::NORMAL, "incomplete").await;
        assert!(
            numbers(&run).contains(&"SY-134") && !numbers(&run).contains(&"SY-105"),
            "{run}"
        );
        for call in ["agent/get", "department/list", "tag/list"] {
            assert!(run["findings"].to_string().contains(call), "{call}: {run}");
        }
    }
);

// Reference 17.2: `[]` or 60011 for an app whose scope is picked members only.
scenario!(
    an_app_of_picked_members_that_sees_no_departments_loses_its_leavers,
    |fixture: Fixture| async move {
        fixture.edit_corp(|corp| {
            corp.apps.get_mut(&sample::AGENT_ID).unwrap().scope = Scope {
                users: [sample::NORMAL, sample::BY_PICK].map(str::to_owned).to_vec(),
                ..Scope::default()
            };
        });
        fixture.add_fault(refused("department/list", 60011));
        let source = app_alone(&fixture).await;
        let first = runs_of(&fixture, &source).await.remove(0);
        assert_eq!(first["state"], "succeeded", "{first}");
        fixture.edit_corp(|corp| corp.remove_member(sample::BY_PICK));
        removes_only(&fixture, &source, sample::BY_PICK, "succeeded").await;
    }
);

scenario!(
    an_app_with_departments_that_are_not_listed_walks_their_ids,
    |fixture: Fixture| async move {
        let source = app_alone(&fixture).await;
        fixture.add_fault(refused("department/list", 60011));
        fixture.edit_corp(|corp| corp.remove_member(sample::NORMAL));
        let run = removes_only(&fixture, &source, sample::NORMAL, "succeeded").await;
        // The ids come without names.
        assert_eq!(numbers(&run), ["SY-131", "SY-135"], "{run}");
        // Where the ids are withheld as well, each who is missing is looked at.
        fixture.add_fault(refused("department/simplelist", 60011));
        fixture.edit_corp(|corp| corp.remove_member("wangwu"));
        removes_only(&fixture, &source, "wangwu", "incomplete").await;
        assert_eq!(member(&fixture, "zhaoliu").await["state"], "present");
    }
);

scenario!(
    where_the_list_of_departments_alone_is_withheld_the_ids_lead_to_everybody,
    |fixture: Fixture| async move {
        fixture.edit_corp(|corp| corp.contacts_ip_is_new = false);
        fixture.add_fault(refused("department/list", 60011));
        let source = fixture.connect_with(json!({ "app": null })).await;
        let run = runs_of(&fixture, &source).await.remove(0);
        assert_eq!(run["state"], "succeeded", "{run}");
        assert!(numbers(&run).contains(&"SY-135"), "{run}");
        assert_eq!(member(&fixture, sample::OUT_OF_SCOPE).await["name"], "外部 阿明");
        fixture.edit_corp(|corp| corp.remove_member(sample::NORMAL));
        removes_only(&fixture, &source, sample::NORMAL, "succeeded").await;
    }
);

// Sixty are hidden behind it, and each run looks at fifty.
scenario!(
    a_list_that_is_never_shown_keeps_no_leaver_however_many_it_hides,
    |fixture: Fixture| async move {
        fixture.edit_corp(|corp| {
            for number in 0..60 {
                let hidden = Member::new(&format!("hidden{number:02}"), "x", &[8]);
                corp.add_member(hidden);
            }
        });
        let source = app_alone(&fixture).await;
        fixture.add_fault(refused("user/list", 60011).about(8));
        fixture.edit_corp(|corp| corp.remove_member("hidden59"));
        let mut departed = 0;
        for _ in 0..2 {
            fixture.advance(Duration::from_secs(1));
            let run = fixture.sync(id(&source)).await;
            departed += run["counts"]["departed"].as_i64().unwrap();
        }
        assert_eq!(departed, 1);
        assert_eq!(member(&fixture, "hidden59").await["state"], "departed");
        let members = fixture.admin().items("members?limit=200").await;
        let present = members.iter().filter(|row| row["state"] == "present");
        let hidden = |row: &&Value| row["userid"].as_str().unwrap().starts_with("hidden");
        assert_eq!(present.filter(hidden).count(), 59);
    }
);

scenario!(
    a_department_that_vanished_meanwhile_keeps_no_leaver,
    |fixture: Fixture| async move {
        let source = app_alone(&fixture).await;
        for (errcode, leaver) in [(60003, "hejie"), (60123, "lvliang")] {
            fixture.mend_wecom();
            fixture.add_fault(refused("user/list", errcode).about(8));
            fixture.edit_corp(|corp| {
                corp.remove_member(leaver);
                for member in corp.members.values_mut() {
                    if member.departments.iter().any(|place| place.department == 8) {
                        member.departments = vec![Placement::of(7)];
                    }
                }
            });
            removes_only(&fixture, &source, leaver, "succeeded").await;
        }
        let moved = member(&fixture, "xuqing").await;
        assert_eq!(
            (&moved["state"], &moved["departments"]),
            (&json!("present"), &json!([7]))
        );
    }
);

scenario!(
    a_scope_that_cannot_be_read_stays_and_nobody_departs,
    |fixture: Fixture| async move {
        let source = app_alone(&fixture).await;
        let portal = fixture.portal("wiki", json!({})).await;
        let present = async || {
            let members = fixture.admin().items("members?limit=200").await;
            members.iter().filter(|row| row["state"] == "present").count()
        };
        let before = present().await;
        for (errcode, number) in [
            (45009, "SY-112"),
            (48006, "SY-116"),
            (301_002, "SY-132"),
            (60020, "SY-113"),
        ] {
            fixture.mend_wecom();
            fixture.add_fault(refused("agent/get", errcode));
            fixture.edit_corp(|corp| corp.remove_member(sample::NORMAL));
            let run = fixture.sync(id(&source)).await;
            assert_eq!(run["state"], "incomplete", "{run}");
            assert!(numbers(&run).contains(&number), "{number}: {run}");
            assert_eq!(present().await, before, "{errcode}");
        }
        for userid in [sample::BY_PICK, sample::BY_TAG] {
            portal.tokens(&fixture, &fixture.browser(), userid).await;
        }
        fixture.mend_wecom();
        removes_only(&fixture, &source, sample::NORMAL, "succeeded").await;
    }
);

// 不同步 leaves users of others alone; a member's own former user is no duplicate.
scenario!(
    a_corp_removed_and_connected_again_under_skip_finds_its_users_unchanged,
    |fixture: Fixture| async move {
        let skip = json!({ "duplicate_rule": "skip" });
        let source = fixture.connect_with(skip.clone()).await;
        let before = fixture.admin().user(sample::NORMAL).await;
        let path = format!("data-sources/{}", id(&source));
        let reply = fixture.admin().call("DELETE", &path, None).await;
        assert!((200..300).contains(&reply.status), "{}", reply.body);
        fixture.edit_corp(|corp| corp.member_mut(sample::NORMAL).unwrap().alias = "New".to_owned());
        let local = json!({ "username": "newcomer", "display_name": "Made here" });
        let local = fixture.admin().create("users", local).await;
        fixture.edit_corp(|corp| corp.add_member(simulator::world::Member::new("newcomer", "Made here", &[2])));
        let source = fixture.connect_with(skip).await;
        let run = runs_of(&fixture, &source).await.remove(0);
        assert_eq!(run["state"], "succeeded", "{run}");
        assert_eq!(run["counts"]["skipped"], 1, "the local user stays one's own: {run}");
        let after = fixture.admin().user(sample::NORMAL).await;
        assert_eq!(member(&fixture, sample::NORMAL).await["user_id"], before["id"]);
        assert_eq!(after["status"], "active", "{after}");
        assert_ne!(member(&fixture, "newcomer").await["user_id"], local["id"]);
        for field in ["id", "username", "display_name", "email", "picture", "profile"] {
            assert_eq!(after[field], before[field], "{field} was written");
        }
    }
);
