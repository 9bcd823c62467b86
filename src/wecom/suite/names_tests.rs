//! Names that are none: apps of a service provider are told ids in the place of names (reference 9.10), and an id is no name to be kept or shown.

use crate::wecom::{
    model::MemberLookup,
    testing::{Stub, app, bench, installed},
};

const LISTED: &str = r#"{"userlist":[{"userid":"woLi","name":"woLi","department":[2]},{"userid":"woWu","name":"Wu"},{"userid":"jia","open_userid":"woJia","name":"woJia"}]}"#;

fn stub() -> Stub {
    Stub::scripted(&[
        ("service/get_suite_token", r#"{"suite_access_token":"s"}"#),
        ("service/get_corp_token", r#"{"access_token":"c"}"#),
        ("user/list", LISTED),
        (
            "user/get",
            r#"{"userid":"woLi","name":"woli","department":[2],"status":1}"#,
        ),
        (
            "department/list",
            r#"{"department":[{"id":2,"name":"2"},{"id":3,"name":"3楼"}]}"#,
        ),
    ])
}

#[tokio::test]
async fn an_id_in_the_place_of_a_name_is_no_name_to_a_suite() {
    let wecom = bench(&stub()).wecom;
    let names = async |credential| -> Vec<Option<String>> {
        let found = wecom.members_of(&credential, 2).await.unwrap();
        found.rows.into_iter().map(|member| member.name).collect()
    };
    assert_eq!(names(installed()).await, [None, Some("Wu".to_owned()), None]);
    let all = ["woLi", "Wu", "woJia"].map(|name| Some(name.to_owned()));
    assert_eq!(names(app()).await, all);
    let MemberLookup::Visible(one) = wecom.member(&installed(), "woLi").await.unwrap() else {
        panic!("not visible");
    };
    assert_eq!(one.name, None);
    let departments = wecom.departments(&installed()).await.unwrap().rows;
    let names: Vec<_> = departments.into_iter().map(|department| department.name).collect();
    assert_eq!(names, [None, Some("3楼".to_owned())]);
}
