//! Reference §3.4, §4, §5: what each secret sees of the directory.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use simulator::sample::{self, AGENT_ID, CORP, OLD_APP_SECRET};
use simulator::world::MissingField;
use simulator::{World, generator};

use crate::stage::{errcode, sample, stage};

fn strings(list: &Value, key: &str) -> BTreeSet<String> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|row| row[key].as_str().unwrap().to_owned())
        .collect()
}

fn numbers(list: &Value, key: &str) -> BTreeSet<u64> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|row| row[key].as_u64().unwrap())
        .collect()
}

#[actix_web::test]
async fn a_new_app_reads_the_minimal_member() {
    let stage = sample().await;
    let reply = stage.as_app("user/get?userid=LIHUA").await;
    let expected = json!({
        "errcode": 0, "errmsg": "ok", "userid": "lihua", "name": "李华", "department": [4, 9], "order": [0, 0],
        "position": "工程师", "is_leader_in_dept": [0, 0], "direct_leader": ["wangwu"], "telephone": "020-55550101",
        "alias": "Hua", "main_department": 4, "status": 1, "enable": 1,
        "extattr": {"attrs": [{"type": 0, "name": "工号", "text": {"value": "QY0001"}}]},
        "external_profile": {"external_attr": [], "external_corp_name": ""},
    });
    assert_eq!(reply, expected);
}

#[actix_web::test]
async fn enable_stands_beside_status_unless_switched_off() {
    let stage = sample().await;
    assert_eq!(stage.as_app("user/get?userid=chenyu").await["enable"], 0);
    assert_eq!(stage.as_app("user/get?userid=xinren").await["enable"], 1);
    stage.sim.edit(|world| world.switches.shows_enable = false);
    let list = stage.as_app("user/list?department_id=4").await;
    assert!(list["userlist"][0].get("enable").is_none());
}

#[actix_web::test]
async fn a_scope_of_picked_members_has_no_departments_or_is_refused() {
    let stage = sample().await;
    stage.sim.edit(|world| {
        let app = world.corp_mut(CORP).unwrap().apps.get_mut(&AGENT_ID).unwrap();
        (app.scope.parties, app.scope.tags) = (Vec::new(), Vec::new());
    });
    assert_eq!(stage.as_app("department/list").await["department"], json!([]));
    stage.sim.edit(|world| world.switches.no_departments_code = 60011);
    assert_eq!(errcode(&stage.as_app("department/list").await), 60011);
    let all = stage.as_contacts("department/simplelist").await;
    assert_eq!(errcode(&all), 0, "others see departments");
}

#[actix_web::test]
async fn a_department_that_vanished_is_unknown() {
    let stage = sample().await;
    stage
        .sim
        .edit(|world| world.corp_mut(CORP).unwrap().departments.remove(&6));
    for code in [60003, 60123] {
        stage.sim.edit(|world| world.switches.unknown_department_code = code);
        let reply = stage.as_app("user/list?department_id=6").await;
        assert_eq!(errcode(&reply), i64::from(code));
    }
}

#[actix_web::test]
async fn department_id_0_means_all_or_is_unknown() {
    let stage = sample().await;
    let all = stage.as_app("department/simplelist").await;
    assert_eq!(stage.as_app("department/simplelist?id=0").await, all);
    stage.sim.edit(|world| world.switches.id_zero_means_all = false);
    assert_eq!(errcode(&stage.as_app("department/simplelist?id=0").await), 60003);
}

#[actix_web::test]
async fn an_old_app_reads_sensitive_fields_and_held_back_ones_may_be_empty() {
    let stage = sample().await;
    let old = stage.token_of(CORP, OLD_APP_SECRET).await;
    let reply = stage.with(&old, "user/get?userid=lihua").await;
    assert_eq!(
        (&reply["mobile"], &reply["gender"]),
        (&json!("19900000001"), &json!("2"))
    );
    assert_eq!(reply["thumb_avatar"], "https://p.example/lihua/100");
    stage
        .sim
        .edit(|world| world.switches.missing_sensitive = MissingField::Empty);
    let reply = stage.as_app("user/get?userid=lihua").await;
    assert_eq!((&reply["mobile"], &reply["gender"]), (&json!(""), &json!("0")));
}

#[actix_web::test]
async fn visibility_decides_who_is_found() {
    let stage = sample().await;
    for userid in [
        sample::NORMAL,
        sample::DISABLED,
        sample::INACTIVE,
        sample::BY_TAG,
        sample::BY_PICK,
    ] {
        assert_eq!(
            errcode(&stage.as_app(&format!("user/get?userid={userid}")).await),
            0,
            "{userid}"
        );
    }
    for userid in [sample::OUT_OF_SCOPE, "nobody"] {
        assert_eq!(
            errcode(&stage.as_app(&format!("user/get?userid={userid}")).await),
            60111,
            "{userid}"
        );
    }
    stage.sim.edit(|world| world.switches.not_visible_code = 60011);
    assert_eq!(errcode(&stage.as_app("user/get?userid=waibu01").await), 60011);
    assert_eq!(errcode(&stage.as_app("user/get?userid=nobody").await), 60111);
    assert_eq!(errcode(&stage.as_app("user/get?userid=a%2Fb").await), 40003);
    assert_eq!(errcode(&stage.as_app("user/get").await), 41009);
    let by_tag = stage.as_app("user/get?userid=biaoqian").await;
    assert_eq!(by_tag["department"], json!([]), "its department is not visible");
    assert!(by_tag.get("main_department").is_none());
}

#[actix_web::test]
async fn the_contacts_secret_on_a_new_ip_reads_ids_only() {
    let stage = sample().await;
    for call in [
        "user/get?userid=lihua",
        "user/list?department_id=4",
        "user/simplelist?department_id=4",
        "department/list",
    ] {
        assert_eq!(errcode(&stage.as_contacts(call).await), 48009, "{call}");
    }
    for call in [
        "department/simplelist",
        "department/get?id=2",
        "tag/list",
        "tag/get?tagid=1",
    ] {
        assert_eq!(errcode(&stage.as_contacts(call).await), 0, "{call}");
    }
    assert_eq!(
        errcode(&stage.as_contacts(&format!("agent/get?agentid={AGENT_ID}")).await),
        48002
    );
    stage
        .sim
        .edit(|world| world.corp_mut(CORP).unwrap().contacts_ip_is_new = false);
    let reply = stage.as_contacts("user/get?userid=waibu01").await;
    assert_eq!((errcode(&reply), reply["mobile"].as_str().unwrap().len()), (0, 11));
}

#[actix_web::test]
async fn agent_get_shows_the_scope_as_picked() {
    let stage = sample().await;
    let reply = stage.as_app(&format!("agent/get?agentid={AGENT_ID}")).await;
    assert_eq!(
        reply["allow_userinfos"]["user"],
        json!([{"userid": "dandu"}, {"userid": "weichen"}])
    );
    assert_eq!(reply["allow_partys"]["partyid"], json!([2, 3, 7, 8, 9]));
    assert_eq!(reply["allow_tags"]["tagid"], json!([1]));
    assert_eq!(reply["close"], 0);
    assert_eq!(errcode(&stage.as_app("agent/get?agentid=1000001").await), 301_002);
}

#[actix_web::test]
async fn departments_are_limited_to_the_scope_and_form_a_forest() {
    let stage = sample().await;
    let reply = stage.as_app("department/list").await;
    assert_eq!(
        numbers(&reply["department"], "id"),
        BTreeSet::from([2, 3, 4, 5, 6, 7, 8, 9])
    );
    assert_eq!(
        reply["department"][0]["parentid"], 1,
        "the parent itself is not visible"
    );
    let below = stage.as_app("department/simplelist?id=2").await;
    assert_eq!(numbers(&below["department_id"], "id"), BTreeSet::from([2, 4, 5, 6]));
    assert_eq!(
        stage.as_app("department/get?id=2").await["department"]["name"],
        "研发中心"
    );
    assert_eq!(errcode(&stage.as_app("department/get?id=10").await), 60011);
    assert_eq!(errcode(&stage.as_app("department/get?id=99").await), 60003);
    let all = stage.as_contacts("department/simplelist").await;
    assert_eq!(all["department_id"].as_array().unwrap().len(), 11);
}

#[actix_web::test]
async fn member_lists_are_those_of_one_department() {
    let stage = sample().await;
    let list = stage.as_app("user/list?department_id=6").await;
    assert_eq!(
        strings(&list["userlist"], "userid"),
        ["zhengshi", "fengyi", "caoyang", "Jin.Ming"].map(String::from).into()
    );
    assert!(list["userlist"][0].get("position").is_some());
    let simple = stage.as_app("user/simplelist?department_id=6&fetch_child=1").await;
    assert_eq!(simple["userlist"].as_array().unwrap().len(), 4);
    assert!(simple["userlist"][0].get("position").is_none());
    assert_eq!(errcode(&stage.as_app("user/list?department_id=10").await), 60011);
    let flat = stage.as_app("user/simplelist?department_id=2&fetch_child=1").await;
    stage.sim.edit(|world| world.switches.ignore_fetch_child = false);
    let deep = stage.as_app("user/simplelist?department_id=2&fetch_child=1").await;
    assert!(flat["userlist"].as_array().unwrap().len() < deep["userlist"].as_array().unwrap().len());
}

#[actix_web::test]
async fn list_id_pages_through_every_row_and_is_for_the_contacts_secret_only() {
    let stage = sample().await;
    let app = stage.app_token().await;
    let refused = stage
        .post(
            &format!("/cgi-bin/user/list_id?access_token={app}"),
            &json!({"limit": 10}),
        )
        .await;
    assert_eq!(errcode(&refused), 48002);
    let path = format!("/cgi-bin/user/list_id?access_token={}", stage.contacts_token().await);
    assert_eq!(errcode(&stage.post(&path, &json!({"limit": 10_001})).await), 40058);
    let whole = stage.post(&path, &json!({})).await["dept_user"]
        .as_array()
        .unwrap()
        .clone();
    for limit in [1, 3, 7] {
        let (mut rows, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = stage.post(&path, &json!({"cursor": cursor, "limit": limit})).await;
            rows.extend(page["dept_user"].as_array().unwrap().iter().cloned());
            page["next_cursor"].as_str().unwrap().clone_into(&mut cursor);
            if cursor.is_empty() {
                break;
            }
        }
        assert_eq!(rows, whole, "limit {limit}");
    }
    assert_eq!(whole.iter().filter(|row| row["userid"] == "caoyang").count(), 3);
}

#[actix_web::test]
async fn tags_show_only_members_in_scope() {
    let stage = sample().await;
    assert_eq!(stage.as_app("tag/list").await["taglist"].as_array().unwrap().len(), 3);
    stage.sim.edit(|world| {
        world
            .corp_mut(CORP)
            .unwrap()
            .tags
            .get_mut(&2)
            .unwrap()
            .users
            .push("waibu01".to_owned())
    });
    let through_app = stage.as_app("tag/get?tagid=2").await;
    assert_eq!(
        strings(&through_app["userlist"], "userid"),
        ["shiyi", "wangwu"].map(String::from).into()
    );
    assert_eq!(through_app["partylist"], json!([9]));
    let through_contacts = stage.as_contacts("tag/get?tagid=2").await;
    assert_eq!(through_contacts["userlist"].as_array().unwrap().len(), 3);
    assert_eq!(errcode(&stage.as_app("tag/get?tagid=77").await), 40068);
    stage.sim.edit(|world| world.switches.tag_list_shows_all = false);
    assert_eq!(
        stage.as_app("tag/list").await["taglist"],
        json!([{"tagid": 1, "tagname": "值班"}])
    );
}

#[actix_web::test]
async fn edits_show_at_once() {
    let stage = sample().await;
    stage.sim.edit(|world| {
        let corp = world.corp_mut(CORP).unwrap();
        corp.remove_member("lihua");
        corp.member_mut("waibu01").unwrap().departments[0].department = 3;
    });
    assert_eq!(errcode(&stage.as_app("user/get?userid=lihua").await), 60111);
    assert_eq!(errcode(&stage.as_app("user/get?userid=waibu01").await), 0);
    let tag = stage.as_app("tag/get?tagid=1").await;
    assert_eq!(
        strings(&tag["userlist"], "userid"),
        BTreeSet::from(["biaoqian".to_owned()])
    );
}

#[actix_web::test]
async fn a_generated_corp_is_served_whole() {
    let stage = stage(World::of(generator::corp(5, 3000, 120))).await;
    let token = stage.token_of(generator::CORP, generator::APP_SECRET).await;
    let departments = stage.with(&token, "department/simplelist").await;
    let ids = numbers(&departments["department_id"], "id");
    assert_eq!(ids.len(), 120);
    let mut seen = BTreeSet::new();
    for id in ids {
        let list = stage.with(&token, &format!("user/simplelist?department_id={id}")).await;
        seen.extend(strings(&list["userlist"], "userid"));
    }
    assert_eq!(seen.len(), 3000);
}
