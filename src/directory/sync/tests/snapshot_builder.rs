//! Tests of the snapshot builder: what WeCom's answers mean.

use crate::{
    directory::sync::{
        snapshot::{Completeness, Snapshot},
        snapshot_builder::SnapshotBuilder,
    },
    wecom::{
        Class, WeComError,
        model::{Agent, Department, Malformed, Member, MemberId, MemberLookup, Rows, TagContent, TagName},
    },
};

fn refusal(call: &'static str, errcode: i64, class: Class) -> WeComError {
    WeComError {
        call,
        class,
        errcode: Some(errcode),
        message: "no".to_owned(),
        observed_ip: (errcode == 60020).then(|| "203.0.113.9".to_owned()),
        export: None,
    }
}

fn member(userid: &str, departments: &[i64]) -> Member {
    Member {
        userid: userid.to_owned(),
        name: Some(userid.to_uppercase()),
        departments: departments.to_vec(),
        status: Some(1),
        ..Member::default()
    }
}

fn page(members: Vec<Member>) -> Rows<Member> {
    members.into()
}

fn id(userid: &str, department: i64) -> MemberId {
    MemberId {
        userid: userid.to_owned(),
        department,
    }
}

fn numbers(snapshot: &Snapshot) -> Vec<&'static str> {
    snapshot.findings.iter().map(|finding| finding.number).collect()
}

#[test]
fn a_member_of_several_departments_is_one_member() {
    let mut builder = SnapshotBuilder::default();
    builder.members(Ok(page(vec![member("LiHua", &[7, 2])])));
    builder.members(Ok(page(vec![member("lihua", &[2, 9])])));
    let snapshot = builder.finish(false).unwrap();
    assert_eq!(snapshot.members.len(), 1);
    assert_eq!(snapshot.members["lihua"].departments, [2, 7, 9]);
    assert!(snapshot.is_full_picture());
}

#[test]
fn ids_and_details_complement_each_other_in_either_order() {
    let mut first = SnapshotBuilder::default();
    first.member_ids(Ok(vec![id("lihua", 2), id("wangwu", 3)].into()));
    first.members(Ok(page(vec![member("LiHua", &[7])])));
    let mut second = SnapshotBuilder::default();
    second.members(Ok(page(vec![member("LiHua", &[7])])));
    second.member_ids(Ok(vec![id("lihua", 2), id("wangwu", 3)].into()));
    let (first, second) = (first.finish(true).unwrap(), second.finish(true).unwrap());
    assert_eq!(first.members, second.members);
    assert_eq!(first.members["lihua"].profile.name.as_deref(), Some("LIHUA"));
    assert_eq!(first.members["lihua"].departments, [2, 7]);
    assert_eq!(numbers(&first), ["SY-117"], "wangwu is known by id only");
    assert!(first.is_full_picture());
}

#[test]
fn success_is_not_shown_when_48009_returned_nothing() {
    let mut builder = SnapshotBuilder::default();
    builder.member_ids(Ok(vec![id("lihua", 1)].into()));
    builder.record_refusal(refusal("department/list", 48009, Class::Admin));
    let snapshot = builder.finish(false).unwrap();
    assert!(
        snapshot.is_complete(),
        "the ids are the whole corp, so who is missing is gone"
    );
    assert!(!snapshot.is_full_picture());
    assert_eq!(numbers(&snapshot), ["SY-106"]);

    let mut nothing = SnapshotBuilder::default();
    nothing.member_ids(Err(refusal("user/list_id", 48009, Class::Admin)));
    assert_eq!(nothing.finish(false).unwrap_err().entry.number, "SY-106");
}

#[test]
fn an_app_secret_in_the_place_of_the_contacts_secret_is_told_apart() {
    let mut builder = SnapshotBuilder::default();
    builder.member_ids(Err(refusal("user/list_id", 48002, Class::Admin)));
    assert_eq!(builder.finish(false).unwrap_err().entry.number, "SY-107");
}

#[test]
fn a_department_that_fails_makes_the_fetch_partial_and_one_that_vanished_does_not() {
    let mut builder = SnapshotBuilder::default();
    builder.members(Ok(page(vec![member("lihua", &[1])])));
    builder.members(Err(refusal("user/list", 60003, Class::Outcome)));
    builder.members(Err(refusal("user/list", 60123, Class::Outcome)));
    builder.members(Err(refusal("user/list", 45009, Class::Throttled)));
    let snapshot = builder.finish(false).unwrap();
    assert_eq!(numbers(&snapshot), ["SY-105", "SY-112"]);
    let Completeness::Partial { reasons } = snapshot.completeness else {
        panic!("complete")
    };
    assert_eq!(reasons, ["user/list answered 45009: no"]);
}

#[test]
fn the_address_wecom_saw_is_passed_on() {
    let mut builder = SnapshotBuilder::default();
    builder.agent(Err(refusal("agent/get", 60020, Class::Admin)));
    let failure = builder.finish(false).unwrap_err();
    assert_eq!(failure.entry.number, "SY-113");
    assert!(failure.detail.unwrap().contains("203.0.113.9"));
}

#[test]
fn one_malformed_member_is_one_skipped_row() {
    let mut builder = SnapshotBuilder::default();
    for _department in 0..2 {
        builder.members(Ok(Rows {
            rows: vec![member("lihua", &[1])],
            malformed: vec![Malformed {
                userid: Some("Broken".to_owned()),
                reason: "department is not a list".to_owned(),
            }],
        }));
    }
    let snapshot = builder.finish(false).unwrap();
    assert_eq!(snapshot.members.len(), 1);
    assert_eq!(snapshot.malformed.len(), 1);
    assert!(snapshot.is_full_picture());
    let detail = snapshot.findings[0].detail.as_deref();
    assert_eq!(
        (numbers(&snapshot), detail),
        (vec!["SY-133"], Some("1 rows: Broken: department is not a list"))
    );
}

#[test]
fn a_row_without_a_userid_may_be_anybody() {
    let mut builder = SnapshotBuilder::default();
    builder.members(Ok(Rows {
        rows: vec![member("lihua", &[1])],
        malformed: vec![Malformed {
            userid: None,
            reason: "no userid".to_owned(),
        }],
    }));
    let snapshot = builder.finish(false).unwrap();
    assert!(
        !snapshot.is_complete() && snapshot.may_show_absence(),
        "who is missing is looked at"
    );
    assert_eq!(numbers(&snapshot), ["SY-119"]);
}

#[test]
fn nothing_visible_is_not_an_empty_corp() {
    let mut builder = SnapshotBuilder::default();
    builder.agent(Ok(Agent::default()));
    builder.departments(Ok(Rows::default()));
    let snapshot = builder.finish(false).unwrap();
    assert!(!snapshot.is_complete());
    assert!(!snapshot.departments_complete);
    assert!(numbers(&snapshot).contains(&"SY-108"));
}

#[test]
fn names_survive_a_list_of_ids_and_a_failed_list_deletes_nothing() {
    let department = |name: Option<&str>| Department {
        id: 2,
        parent_id: Some(1),
        name: name.map(str::to_owned),
        order: 3,
    };
    let mut builder = SnapshotBuilder::default();
    builder.members(Ok(page(vec![member("lihua", &[2])])));
    builder.departments(Ok(vec![department(Some("R&D"))].into()));
    builder.departments(Ok(vec![department(None)].into()));
    builder.departments(Err(refusal("department/simplelist", -1, Class::Retry)));
    let snapshot = builder.finish(false).unwrap();
    assert_eq!(snapshot.departments[0].name.as_deref(), Some("R&D"));
    assert!(!snapshot.departments_complete);
}

#[test]
fn a_tag_that_cannot_be_read_matters_only_where_the_scope_uses_it() {
    let tag = |id| TagName {
        id,
        name: "oncall".to_owned(),
    };
    let mut builder = SnapshotBuilder::default();
    builder.member_lookup(Ok(MemberLookup::Visible(Box::new(member("lihua", &[])))));
    builder.member_lookup(Ok(MemberLookup::NotVisible { errcode: 60111 }));
    builder.tags(vec![tag(1), tag(2)].into());
    assert!(
        builder
            .tag(1, Err(refusal("tag/get", 81011, Class::Admin)), false)
            .is_empty()
    );
    let content = TagContent {
        userids: vec!["LiHua".to_owned()],
        departments: vec![4],
        malformed: Vec::new(),
    };
    assert_eq!(builder.tag(2, Ok(content), true), ["LiHua"]);
    let snapshot = builder.finish(false).unwrap();
    assert!(snapshot.is_full_picture());
    assert!(snapshot.tags[0].content.is_none());
    assert!(snapshot.tags[1].content.as_ref().unwrap().users.contains("lihua"));

    let mut builder = SnapshotBuilder::default();
    builder.member_lookup(Ok(MemberLookup::Visible(Box::new(member("lihua", &[])))));
    builder.tag(1, Err(refusal("tag/get", 81011, Class::Admin)), true);
    let withheld = builder.finish(false).unwrap();
    assert!(!withheld.is_complete() && withheld.may_show_absence());
}

#[test]
fn without_the_ids_of_the_corp_departments_and_tags_stay_as_they_are() {
    let mut builder = SnapshotBuilder::default();
    builder.member_ids(Err(refusal("user/list_id", 45009, Class::Throttled)));
    builder.departments(Ok(vec![Department {
        id: 2,
        parent_id: Some(1),
        name: Some("Sales".to_owned()),
        order: 3,
    }]
    .into()));
    builder.tags(
        vec![TagName {
            id: 1,
            name: "oncall".to_owned(),
        }]
        .into(),
    );
    builder.tag(1, Ok(TagContent::default()), false);
    builder.members(Ok(page(vec![member("lihua", &[2])])));
    let snapshot = builder.finish(true).unwrap();
    assert!(snapshot.memberships_partial && !snapshot.may_show_absence());
    assert!(!snapshot.departments_complete && !snapshot.tags_complete && snapshot.tags[0].content.is_none());
    assert_eq!(numbers(&snapshot), ["SY-105", "SY-112"]);
}

#[test]
fn the_ids_of_the_corp_prove_who_left_whatever_else_fails() {
    let mut builder = SnapshotBuilder::default();
    builder.member_ids(Ok(vec![id("lihua", 1)].into()));
    builder.agent(Err(refusal("agent/get", 301_002, Class::Admin)));
    builder.members(Err(refusal("user/list", 45009, Class::Throttled)));
    let snapshot = builder.finish(true).unwrap();
    assert!(snapshot.is_complete() && !snapshot.is_full_picture());
    assert!(snapshot.app.is_none());
    assert_eq!(numbers(&snapshot), ["SY-112", "SY-117", "SY-132", "SY-134"]);
}

#[test]
fn a_scope_of_picked_members_has_no_departments() {
    let picked = |departments: &[i64]| {
        let mut builder = SnapshotBuilder::default();
        builder.agent(Ok(Agent {
            users: vec!["lihua".to_owned()],
            departments: departments.to_vec(),
            ..Agent::default()
        }));
        builder.departments(Ok(Rows::default()));
        builder.member_lookup(Ok(MemberLookup::Visible(Box::new(member("lihua", &[])))));
        builder
    };
    assert_eq!(picked(&[7]).departments.unlisted(), [7]);
    assert!(picked(&[]).departments.unlisted().is_empty());
    assert!(picked(&[]).finish(false).unwrap().departments_complete);
    assert!(!picked(&[7]).finish(false).unwrap().departments_complete);
}

#[test]
fn a_department_row_that_cannot_be_read_is_told_and_whoever_is_missing_is_looked_at() {
    let mut builder = SnapshotBuilder::default();
    builder.members(Ok(page(vec![member("lihua", &[2])])));
    let seen = Department {
        id: 2,
        parent_id: Some(1),
        name: Some("R&D".to_owned()),
        order: 3,
    };
    let malformed = vec![Malformed::nameless("row 2 of `department`: no `id`")];
    builder.departments(Ok(Rows {
        rows: vec![seen],
        malformed,
    }));
    let snapshot = builder.finish(false).unwrap();
    assert!(!snapshot.is_complete() && snapshot.may_show_absence());
    assert!(!snapshot.departments_complete && snapshot.departments.len() == 1);
    assert_eq!(numbers(&snapshot), ["SY-133"]);
    let detail = snapshot.findings[0].detail.as_deref();
    assert_eq!(detail, Some("1 rows: row 2 of `department`: no `id`"));
}

#[test]
fn beside_the_ids_of_the_corp_a_department_row_that_cannot_be_read_costs_itself_only() {
    let mut builder = SnapshotBuilder::default();
    builder.member_ids(Ok(vec![id("lihua", 1)].into()));
    let odd = |list: &str| Rows {
        rows: Vec::new(),
        malformed: vec![Malformed::nameless(format!("row 2 of `{list}`: no `id`"))],
    };
    builder.departments(Ok(odd("department_id")));
    builder.departments(Ok(odd("department")));
    builder.members(Ok(page(vec![member("lihua", &[1])])));
    let snapshot = builder.finish(false).unwrap();
    assert!(snapshot.is_full_picture() && !snapshot.departments_complete);
    let detail = snapshot.findings[0].detail.as_deref().unwrap();
    assert!(
        detail.contains("`department_id`") && detail.contains("`department`"),
        "{detail}"
    );
}

#[test]
fn what_was_left_out_of_a_row_is_told_once_and_by_name() {
    let mut builder = SnapshotBuilder::default();
    for department in [1, 2] {
        let odd = Member {
            remarks: vec!["`email` is not an e-mail address and was left out".to_owned()],
            ..member("lihua", &[department])
        };
        builder.members(Ok(page(vec![odd, member("wangwu", &[1])])));
    }
    let snapshot = builder.finish(false).unwrap();
    assert_eq!(snapshot.adjusted.len(), 1);
    assert_eq!(numbers(&snapshot), ["SY-130"]);
    assert!(
        snapshot.findings[0]
            .detail
            .as_deref()
            .is_some_and(|detail| detail == "1 members: lihua")
    );
    assert!(snapshot.is_full_picture());
}

#[test]
fn withheld_names_of_departments_are_told() {
    let department = |id, name: Option<&str>| Department {
        id,
        parent_id: Some(1),
        name: name.map(str::to_owned),
        order: 3,
    };
    let mut builder = SnapshotBuilder::default();
    builder.members(Ok(page(vec![member("lihua", &[2])])));
    builder.departments(Ok(vec![department(2, None), department(3, None)].into()));
    builder.departments(Ok(vec![department(2, Some("R&D"))].into()));
    let snapshot = builder.finish(false).unwrap();
    assert_eq!(numbers(&snapshot), ["SY-131"]);
    assert_eq!(snapshot.findings[0].detail.as_deref(), Some("1 of 2 departments: 3"));
    assert!(snapshot.is_full_picture());
}

#[test]
fn a_wrong_agent_id_is_not_a_wrong_kind_of_secret() {
    let mut builder = SnapshotBuilder::default();
    builder.agent(Err(refusal("agent/get", 301_002, Class::Admin)));
    let failure = builder.finish(false).unwrap_err();
    assert_eq!(failure.entry.number, "SY-132");
    assert!(!failure.entry.remedy.to_lowercase().contains("contacts"));
}
