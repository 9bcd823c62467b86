//! Reference §7, §17.1: what happens in the console, and what the receivers of callbacks hear of it.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use simulator::sample::{AGENT_ID, CORP};
use simulator::world::Member;
use simulator::{Action, Delivery, Owner};

use crate::receiver::{KEY, Receiver, TOKEN, receiver};
use crate::stage::{Stage, errcode, sample};

struct Office {
    stage: Stage,
    contacts: Receiver,
    app: Receiver,
}

async fn office() -> Office {
    let (stage, contacts, app) = (sample().await, receiver().await, receiver().await);
    for (owner, receiver) in [(Owner::Contacts, &contacts), (Owner::App(AGENT_ID), &app)] {
        let sim = &stage.sim;
        sim.configure_callback(CORP, owner, &receiver.url, TOKEN, KEY)
            .await
            .unwrap();
    }
    Office { stage, contacts, app }
}

impl Office {
    async fn call(&self, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        let url = self.stage.url(&format!("/_sim{path}"));
        let reply = self.stage.http.request(method, url).json(&body).send().await.unwrap();
        (reply.status(), reply.json().await.unwrap())
    }

    /// Does it through the control API and forgets what was heard before.
    async fn act(&self, action: Value) {
        self.act_with(action, json!({})).await;
    }

    async fn act_with(&self, action: Value, delivery: Value) {
        self.contacts.received.lock().unwrap().good.clear();
        self.app.received.lock().unwrap().good.clear();
        let body = json!({"action": action, "delivery": delivery});
        let (status, reply) = self.call(Method::POST, &format!("/corps/{CORP}/actions"), body).await;
        assert_eq!(status, StatusCode::OK, "{reply}");
    }

    fn contacts_heard(&self) -> Vec<Vec<String>> {
        self.contacts.told(&["ChangeType", "UserID", "NewUserID"])
    }

    fn app_heard(&self) -> Vec<Vec<String>> {
        self.app.told(&["Event", "FromUserName"])
    }
}

const NOTHING: [[&str; 2]; 0] = [];

#[actix_web::test]
async fn disabling_and_enabling_tell_the_app_unless_switched_off_and_never_the_helper() {
    let office = office().await;
    office.act(json!({"status": {"userid": "lihua", "status": 2}})).await;
    assert_eq!(office.app_heard(), [["unsubscribe", "lihua"]]);
    office.act(json!({"status": {"userid": "lihua", "status": 1}})).await;
    assert_eq!(office.app_heard(), [["subscribe", "lihua"]]);
    office
        .stage
        .sim
        .edit(|world| world.switches.disabling_tells_apps = false);
    office.act(json!({"status": {"userid": "lihua", "status": 2}})).await;
    assert_eq!(office.app_heard(), NOTHING);
    assert!(office.contacts_heard().is_empty());
    office.stage.sim.edit(|world| world.switches.restricted_events = false);
    office.act(json!({"status": {"userid": "lihua", "status": 1}})).await;
    assert_eq!(office.contacts_heard(), [["update_user", "lihua", ""]]);
}

#[actix_web::test]
async fn a_userid_is_given_on_to_somebody_else() {
    let office = office().await;
    let heir = Member::new("LiHua", "李花", &[3]);
    office.act(json!({"replace": heir})).await;
    assert_eq!(
        office.contacts_heard(),
        [["delete_user", "lihua", ""], ["create_user", "LiHua", ""]]
    );
    assert_eq!(office.app_heard(), [["unsubscribe", "lihua"], ["subscribe", "LiHua"]]);
    let member = office.stage.as_app("user/get?userid=lihua").await;
    assert_eq!((&member["name"], &member["department"]), (&json!("李花"), &json!([3])));
}

#[actix_web::test]
async fn userids_change_and_two_are_swapped() {
    let office = office().await;
    office.act(json!({"rename": {"userid": "lihua", "to": "lihua2"}})).await;
    assert_eq!(office.contacts_heard(), [["update_user", "lihua", "lihua2"]]);
    office
        .act(json!({"swap": {"userid": "lihua2", "with": "wangwu"}}))
        .await;
    assert_eq!(
        office.contacts_heard(),
        [["update_user", "lihua2", "wangwu"], ["update_user", "wangwu", "lihua2"]]
    );
    assert_eq!(office.app_heard(), NOTHING, "the same people");
    assert_eq!(office.stage.as_app("user/get?userid=wangwu").await["name"], "李华");
    for taken in [
        json!({"rename": {"userid": "lihua2", "to": "zhangsan"}}),
        json!({"swap": {"userid": "wangwu", "with": "nobody"}}),
        json!({"swap": {"userid": "wangwu", "with": "WANGWU"}}),
        json!({"remove": {"userid": "nobody"}}),
    ] {
        let path = format!("/corps/{CORP}/actions");
        let (status, _) = office.call(Method::POST, &path, json!({"action": taken})).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{taken}");
    }
    assert_eq!(office.stage.as_app("user/get?userid=wangwu").await["name"], "李华");
}

#[actix_web::test]
async fn moves_leavings_and_scopes_tell_whom_they_concern() {
    let office = office().await;
    office
        .act(json!({"move": {"userid": "waibu01", "departments": [3]}}))
        .await;
    assert_eq!(office.contacts_heard(), [["update_user", "waibu01", ""]]);
    assert_eq!(office.app_heard(), [["subscribe", "waibu01"]]);
    office.act(json!({"remove": {"userid": "waibu01"}})).await;
    assert_eq!(office.contacts_heard(), [["delete_user", "waibu01", ""]]);
    assert_eq!(office.app_heard(), [["unsubscribe", "waibu01"]]);
    let scope = json!({"users": ["lihua", "dandu"]});
    office
        .act(json!({"scope": {"agentid": AGENT_ID, "scope": scope}}))
        .await;
    let heard = office.app_heard();
    assert!(
        heard.len() > 20 && heard.iter().all(|event| event[0] == "unsubscribe"),
        "{heard:?}"
    );
    assert!(!heard.contains(&vec!["unsubscribe".to_owned(), "lihua".to_owned()]));
    assert!(office.contacts_heard().is_empty());
    office
        .act(json!({"disuse": {"agentid": AGENT_ID, "disused": true}}))
        .await;
    assert_eq!(office.app_heard(), [["close_inactive_agent", "sys"]]);
    assert_eq!(errcode(&office.stage.as_app("tag/list").await), 48006);
}

#[actix_web::test]
async fn events_are_delayed_released_in_either_order_and_dropped() {
    let office = office().await;
    let heir = || json!({"replace": Member::new("lihua", "李花", &[3])});
    let backwards = [["create_user", "lihua", ""], ["delete_user", "lihua", ""]];
    for (reverse, first) in [(false, "delete_user"), (true, "create_user")] {
        office.act_with(heir(), json!({"hold": true})).await;
        let (_, held) = office.call(Method::GET, "/events/held", Value::Null).await;
        assert_eq!(held.as_array().unwrap().len(), 4);
        office.stage.as_app("tag/list").await;
        assert!(office.contacts_heard().is_empty(), "held back");
        let (_, report) = office
            .call(Method::POST, "/events/release", json!({"reverse": reverse}))
            .await;
        assert_eq!(report["statuses"], json!([200, 200, 200, 200]));
        assert_eq!(office.contacts_heard()[0][0], first);
    }
    assert_eq!(office.contacts_heard(), backwards);
    office.act_with(heir(), json!({"hold": true})).await;
    office.call(Method::DELETE, "/events/held", Value::Null).await;
    assert_eq!(office.stage.sim.release(false).await.attempts, 0);
    office.act_with(heir(), json!({"drop": true})).await;
    assert!(office.contacts_heard().is_empty() && office.app_heard().is_empty());
}

#[actix_web::test]
async fn held_events_do_not_go_out_with_the_next_one() {
    let office = office().await;
    let leave = |userid: &str| Action::Remove {
        userid: userid.to_owned(),
    };
    let hold = Delivery {
        hold: true,
        ..Delivery::default()
    };
    let sim = &office.stage.sim;
    let told = sim.act(CORP, leave("lihua"), hold).await.unwrap();
    assert_eq!(told.iter().filter(|told| told.report.held).count(), 2, "helper and app");
    sim.act(CORP, leave("wangwu"), Delivery::default()).await.unwrap();
    assert_eq!(office.contacts_heard(), [["delete_user", "wangwu", ""]]);
    sim.release(false).await;
    assert_eq!(office.contacts_heard().len(), 2);
}

#[actix_web::test]
async fn departments_and_tags_are_removed() {
    let office = office().await;
    for path in [format!("/corps/{CORP}/departments/6"), format!("/corps/{CORP}/tags/2")] {
        assert_eq!(office.call(Method::DELETE, &path, Value::Null).await.0, StatusCode::OK);
        assert_eq!(
            office.call(Method::DELETE, &path, Value::Null).await.0,
            StatusCode::NOT_FOUND
        );
    }
    assert_eq!(errcode(&office.stage.as_app("department/get?id=6").await), 60003);
    assert_eq!(errcode(&office.stage.as_app("tag/get?tagid=2").await), 40068);
}
