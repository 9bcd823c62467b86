//! Reference §17.2: replies in other shapes than the documented one.

use serde_json::{Value, json};
use simulator::sample::CORP;
use simulator::world::{Shapes, UserIdKey};

use crate::stage::{Stage, errcode, sample};

async fn shaped(shapes: Shapes) -> Stage {
    let stage = sample().await;
    stage.sim.edit(|world| world.switches.shapes = shapes);
    stage
}

#[actix_web::test]
async fn numbers_are_text_also_in_tokens_and_errors() {
    let stage = shaped(Shapes {
        numbers_as_text: true,
        ..Shapes::default()
    })
    .await;
    let member = stage.as_app("user/get?userid=lihua").await;
    assert_eq!((&member["errcode"], &member["status"]), (&json!("0"), &json!("1")));
    assert_eq!(member["department"], json!(["4", "9"]));
    assert_eq!(stage.as_app("user/get?userid=nobody").await["errcode"], "60111");
}

#[actix_web::test]
async fn shapes_combine() {
    let stage = shaped(Shapes {
        only: "/cgi-bin/user/".to_owned(),
        no_errcode: true,
        user_id: UserIdKey::Instead,
        lone_department: true,
        comma_departments: true,
        missing_names: true,
        ..Shapes::default()
    })
    .await;
    let member = stage.as_app("user/get?userid=lihua").await;
    assert_eq!(
        (&member["UserId"], &member["department"]),
        (&json!("lihua"), &json!("4,9"))
    );
    assert!(
        ["errcode", "errmsg", "userid", "name"]
            .iter()
            .all(|key| member.get(*key).is_none())
    );
    let brief = stage.as_app("user/simplelist?department_id=6").await;
    let departments: Vec<&Value> = brief["userlist"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["department"])
        .collect();
    assert!(
        departments.contains(&&json!(6)) && departments.contains(&&json!("4,5,6")),
        "{departments:?}"
    );
    assert_eq!(errcode(&stage.as_app("tag/list").await), 0, "only calls below `only`");
    assert_eq!(
        errcode(&stage.as_app("user/get?userid=nobody").await),
        60111,
        "errors keep theirs"
    );
}

#[actix_web::test]
async fn ids_are_floats_and_names_null() {
    let stage = shaped(Shapes {
        float_ids: true,
        null_names: true,
        ..Shapes::default()
    })
    .await;
    let token = stage.app_token().await;
    let url = stage.url(&format!("/cgi-bin/department/get?id=2&access_token={token}"));
    let text = stage.http.get(url).send().await.unwrap().text().await.unwrap();
    assert!(
        text.contains("\"id\":2.0") && text.contains("\"parentid\":1.0") && text.contains("\"name\":null"),
        "{text}"
    );
    assert!(
        !text.contains("\"order\":\"") && !text.contains("\"errcode\":0.0"),
        "{text}"
    );
}

#[actix_web::test]
async fn bytes_are_marked_raw_and_cut() {
    let stage = shaped(Shapes {
        byte_order_mark: true,
        text_plain: true,
        control_characters: true,
        cut_utf8: true,
        only: "/cgi-bin/user/get".to_owned(),
        ..Shapes::default()
    })
    .await;
    let token = stage.app_token().await;
    let url = stage.url(&format!("/cgi-bin/user/get?userid=lihua&access_token={token}"));
    let reply = stage.http.get(url).send().await.unwrap();
    assert!(
        reply.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/plain")
    );
    let bytes = reply.bytes().await.unwrap();
    assert!(bytes.starts_with(b"\xef\xbb\xbf{"));
    let name = "李\u{1}\n华".as_bytes();
    assert!(bytes.windows(name.len()).any(|window| window == name));
    assert!(std::str::from_utf8(&bytes).is_err() && serde_json::from_slice::<Value>(&bytes).is_err());
}

#[actix_web::test]
async fn members_name_departments_that_no_list_holds() {
    let stage = sample().await;
    stage.sim.edit(|world| {
        let member = world.corp_mut(CORP).unwrap().member_mut("lihua").unwrap();
        member.departments.push(simulator::world::Placement::of(4242));
    });
    let departments = async || stage.as_app("user/get?userid=lihua").await["department"].clone();
    assert_eq!(departments().await, json!([4, 9]));
    stage
        .sim
        .edit(|world| world.switches.shapes.unlisted_departments = true);
    assert_eq!(departments().await, json!([4, 9, 4242]));
}
