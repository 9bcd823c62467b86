//! Reference §5.3, §11: members found by number, address and openid; tickets of the script.

use serde_json::{Value, json};
use simulator::sample::{CORP, OLD_APP_SECRET};

use crate::stage::{Stage, errcode, sample};

async fn post(stage: &Stage, call: &str, body: Value) -> Value {
    let token = stage.app_token().await;
    stage
        .post(&format!("/cgi-bin/{call}?access_token={token}"), &body)
        .await
}

#[actix_web::test]
async fn members_are_found_by_number_and_address_inside_the_scope() {
    let stage = sample().await;
    let found = post(&stage, "user/getuserid", json!({"mobile": "19900000001"})).await;
    assert_eq!(found, json!({"errcode": 0, "errmsg": "ok", "userid": "lihua"}));
    stage.sim.edit(|world| {
        let corp = world.corp_mut(CORP).unwrap();
        let private = &mut corp.member_mut("lihua").unwrap().sensitive;
        (private.email, private.biz_mail) = ("me@mail.example".to_owned(), "lihua@work.example".to_owned());
        corp.member_mut("waibu01").unwrap().sensitive.mobile = "19911112222".to_owned();
    });
    let by_email = async |body| post(&stage, "user/get_userid_by_email", body).await;
    assert_eq!(
        by_email(json!({"email": "LiHua@work.example"})).await["userid"],
        "lihua"
    );
    assert_eq!(errcode(&by_email(json!({"email": "me@mail.example"})).await), 46004);
    assert_eq!(
        by_email(json!({"email": "me@mail.example", "email_type": 2})).await["userid"],
        "lihua"
    );
    let outside = post(&stage, "user/getuserid", json!({"mobile": "19911112222"})).await;
    assert_eq!(errcode(&outside), 46004);
}

#[actix_web::test]
async fn many_misses_block_the_search_by_number_for_a_day() {
    let stage = sample().await;
    let members = stage.sim.edit(|world| world.corps[CORP].members.len());
    let body = || json!({"mobile": "1"});
    for _ in 0..=members / 5 {
        assert_eq!(errcode(&post(&stage, "user/getuserid", body()).await), 46004);
    }
    let real = || json!({"mobile": "19900000001"});
    assert_eq!(errcode(&post(&stage, "user/getuserid", real()).await), 45009);
    stage.sim.clock().advance(86_400);
    assert_eq!(errcode(&post(&stage, "user/getuserid", real()).await), 0);
}

#[actix_web::test]
async fn openids_lead_there_and_back() {
    let stage = sample().await;
    let openid = post(&stage, "user/convert_to_openid", json!({"userid": "LIHUA"})).await["openid"].clone();
    assert_eq!(
        post(&stage, "user/convert_to_userid", json!({"openid": openid})).await["userid"],
        "lihua"
    );
    for (userid, code) in [("xinren", 43004), ("waibu01", 60111), ("nobody", 60111)] {
        let reply = post(&stage, "user/convert_to_openid", json!({"userid": userid})).await;
        assert_eq!(errcode(&reply), code, "{userid}");
    }
    let reply = post(&stage, "user/convert_to_userid", json!({"openid": "oNobody"})).await;
    assert_eq!(errcode(&reply), 40073);
}

#[actix_web::test]
async fn tickets_stay_until_they_expire_and_are_counted() {
    let stage = sample().await;
    let corp = stage.as_app("get_jsapi_ticket").await;
    let app = stage.as_app("ticket/get?type=agent_config").await;
    assert_eq!((&corp["expires_in"], &app["expires_in"]), (&json!(7200), &json!(7200)));
    assert_ne!(corp["ticket"], app["ticket"]);
    let old = stage.token_of(CORP, OLD_APP_SECRET).await;
    assert_eq!(stage.with(&old, "get_jsapi_ticket").await["ticket"], corp["ticket"]);
    assert_eq!(errcode(&stage.as_app("ticket/get?type=jsapi").await), 40035);
    assert_eq!(errcode(&stage.as_contacts("get_jsapi_ticket").await), 48002);
    stage.sim.clock().advance(7200);
    assert_ne!(stage.as_app("get_jsapi_ticket").await["ticket"], corp["ticket"]);
    stage.sim.edit(|world| world.limits.jsapi_tickets_per_app = 1);
    assert_eq!(errcode(&stage.as_app("get_jsapi_ticket").await), 45009);
}
