//! Reference §5.1: the contacts-sync secret writes members.

use serde_json::{Value, json};
use simulator::Owner;
use simulator::sample::{AGENT_ID, CORP};

use crate::receiver::{KEY, TOKEN, receiver};
use crate::stage::{Stage, errcode, sample};

async fn write(stage: &Stage, call: &str, body: Value) -> Value {
    let token = stage.contacts_token().await;
    stage
        .post(&format!("/cgi-bin/{call}?access_token={token}"), &body)
        .await
}

#[actix_web::test]
async fn members_are_created_updated_and_deleted() {
    let stage = sample().await;
    let new = json!({"userid": "New.One", "name": "新人", "department": [4, 9], "is_leader_in_dept": [1, 0], "mobile": "19912345678"});
    assert_eq!(
        write(&stage, "user/create", new.clone()).await,
        json!({"errcode": 0, "errmsg": "created"})
    );
    let member = stage.as_app("user/get?userid=new.one").await;
    assert_eq!((&member["userid"], &member["status"]), (&json!("New.One"), &json!(4)));
    assert_eq!(
        (&member["department"], &member["is_leader_in_dept"]),
        (&json!([4, 9]), &json!([1, 0]))
    );
    assert_eq!(errcode(&write(&stage, "user/create", new).await), 60102);

    let change = json!({"userid": "new.one", "enable": 0, "new_userid": "newer", "department": [3]});
    assert_eq!(write(&stage, "user/update", change).await["errmsg"], "updated");
    let member = stage.as_app("user/get?userid=newer").await;
    assert_eq!(
        (&member["status"], &member["department"], &member["name"]),
        (&json!(2), &json!([3]), &json!("新人"))
    );
    let taken = json!({"userid": "newer", "new_userid": "lihua"});
    assert_eq!(errcode(&write(&stage, "user/update", taken).await), 60102);

    assert_eq!(stage.as_contacts("user/delete?userid=newer").await["errmsg"], "deleted");
    assert_eq!(errcode(&stage.as_contacts("user/delete?userid=newer").await), 60111);
}

#[actix_web::test]
async fn what_is_missing_or_unknown_is_named() {
    let stage = sample().await;
    let cases = [
        (json!({"name": "n", "department": [1]}), 41009),
        (json!({"userid": "a b", "name": "n", "department": [1]}), 40003),
        (json!({"userid": "ab", "department": [1]}), 60112),
        (json!({"userid": "ab", "name": "n"}), 60127),
        (json!({"userid": "ab", "name": "n", "department": [99]}), 60003),
    ];
    for (body, code) in cases {
        assert_eq!(
            errcode(&write(&stage, "user/create", body.clone()).await),
            code,
            "{body}"
        );
    }
    let app = stage.app_token().await;
    let body = json!({"userid": "ab", "name": "n", "department": [1]});
    let reply = stage
        .post(&format!("/cgi-bin/user/create?access_token={app}"), &body)
        .await;
    assert_eq!(errcode(&reply), 48002);
}

#[actix_web::test]
async fn apps_hear_of_it_and_the_helper_does_not() {
    let (stage, receiver) = (sample().await, receiver().await);
    for owner in [Owner::Contacts, Owner::App(AGENT_ID)] {
        stage
            .sim
            .configure_callback(CORP, owner, &receiver.url, TOKEN, KEY)
            .await
            .unwrap();
    }
    stage.as_contacts("user/delete?userid=lihua").await;
    let told = receiver.wait_for(1).await;
    assert_eq!(told.told(&["Event", "FromUserName"]), [["unsubscribe", "lihua"]]);
}
