//! Reference §7.6, §10: cards with buttons, the events of pressing one, and the updates of cards by their response codes.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use simulator::sample::{AGENT_ID, APP_SECRET2, CORP, CORP2, OLD_AGENT_ID, OLD_APP_SECRET};
use simulator::{Delivery, Message, Owner};

use crate::receiver::{KEY, Receiver, TOKEN, receiver};
use crate::stage::{Stage, errcode, sample, send};

const HOUR: u64 = 3600;

struct Desk {
    stage: Stage,
    app: Receiver,
}

async fn desk() -> Desk {
    let (stage, app) = (sample().await, receiver().await);
    let owner = Owner::App(AGENT_ID);
    let saved = stage.sim.configure_callback(CORP, owner, &app.url, TOKEN, KEY);
    saved.await.unwrap();
    Desk { stage, app }
}

fn card(task_id: &str) -> Value {
    json!({
        "card_type": "button_interaction", "main_title": {"title": "Access request", "desc": "wangwu"}, "task_id": task_id,
        "button_list": [{"text": "Approve", "style": 1, "key": "approve"}, {"text": "Refuse", "style": 2, "key": "refuse"}],
    })
}

impl Desk {
    async fn send(&self, to: &str, card: Value) -> Value {
        send(
            &self.stage,
            json!({"touser": to, "msgtype": "template_card", "template_card": card}),
        )
        .await
    }

    /// Sends one and gives its response code.
    async fn sent(&self, to: &str, task_id: &str) -> String {
        let reply = self.send(to, card(task_id)).await;
        assert_eq!(errcode(&reply), 0, "{reply}");
        reply["response_code"].as_str().unwrap().to_owned()
    }

    async fn update(&self, code: &str, change: Value) -> Value {
        let mut body = json!({"userids": ["lihua"], "agentid": AGENT_ID, "response_code": code, "button": {"replace_name": "Done"}});
        body.as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        self.stage.as_app_post("message/update_template_card", &body).await
    }

    fn card_of(&self, userid: &str) -> Message {
        let mut messages = self.stage.sim.messages().into_iter().rev();
        messages.find(|message| message.userid == userid).unwrap()
    }

    /// Presses a button of somebody's latest card; gives the response code of the event.
    async fn press(&self, userid: &str, key: &str) -> String {
        let card = self.card_of(userid);
        let told = self.stage.sim.press(card.id, key, Delivery::default()).await;
        assert_eq!(told.unwrap().report.statuses, [200]);
        self.app.told(&["ResponseCode"]).pop().unwrap().remove(0)
    }
}

#[actix_web::test]
async fn pressing_a_button_tells_the_callback_who_pressed_what() {
    let desk = desk().await;
    let reply = desk.send("LiHua|nobody", card("request-1@lihua")).await;
    assert_eq!((errcode(&reply), &reply["invaliduser"]), (0, &json!("nobody")));
    let card = desk.card_of("lihua");
    assert_eq!(card.task_id.as_deref(), Some("request-1@lihua"));
    assert_eq!(card.buttons.len(), 2);
    let code = desk.press("lihua", "approve").await;
    let fields = [
        "Event",
        "FromUserName",
        "EventKey",
        "TaskId",
        "CardType",
        "AgentID",
        "ResponseCode",
    ];
    let expected = [
        "template_card_event",
        "lihua",
        "approve",
        "request-1@lihua",
        "button_interaction",
        "1000002",
        &code,
    ];
    assert_eq!(desk.app.told(&fields), [expected]);
    assert_eq!(
        desk.card_of("lihua").buttons.len(),
        2,
        "still there, until somebody updates it"
    );
    assert!(
        desk.stage
            .sim
            .press(card.id, "nothing", Delivery::default())
            .await
            .is_none()
    );
    assert!(desk.stage.sim.press(99, "approve", Delivery::default()).await.is_none());
    desk.stage.sim.edit(|world| {
        world.switches.messages.pressing_ends_buttons = true;
        world.switches.messages.card_event_names_app = false;
    });
    desk.press("lihua", "refuse").await;
    assert!(desk.card_of("lihua").buttons.is_empty());
    assert_eq!(desk.app.told(&["EventKey", "AgentID"])[1], ["refuse", ""]);
}

#[actix_web::test]
async fn a_response_code_updates_once_and_only_the_cards_of_its_message() {
    let desk = desk().await;
    let code = desk.sent("lihua|zhangsan", "one").await;
    let other = desk.sent("wangwu", "two").await;
    let reply = desk.update(&code, json!({"userids": ["LIHUA", "WangWu"]})).await;
    assert_eq!((errcode(&reply), &reply["invaliduser"]), (0, &json!(["wangwu"])));
    let updated = desk.card_of("lihua");
    assert_eq!(
        (updated.buttons.len(), updated.replaced_by.as_deref()),
        (0, Some("Done"))
    );
    assert_eq!(
        (
            desk.card_of("zhangsan").buttons.len(),
            desk.card_of("wangwu").buttons.len()
        ),
        (2, 2)
    );
    assert_eq!(
        errcode(&desk.update(&code, json!({"userids": ["zhangsan"]})).await),
        42022
    );
    assert_eq!(errcode(&desk.update("made-up", json!({})).await), 40035);
    desk.stage.sim.edit(|world| {
        world.switches.messages.spent_response_code = 40058;
        world.switches.messages.unknown_response_code = 40063;
        world.switches.messages.update_names_in_list = false;
    });
    assert_eq!(errcode(&desk.update(&code, json!({})).await), 40058);
    assert_eq!(errcode(&desk.update("made-up", json!({})).await), 40063);
    let reply = desk.update(&other, json!({"userids": ["wangwu", "lihua"]})).await;
    assert_eq!(reply["invaliduser"], "lihua");
    assert_eq!(desk.card_of("lihua").replaced_by.as_deref(), Some("Done"));
}

#[actix_web::test]
async fn codes_run_out_that_of_the_message_later_than_that_of_an_event() {
    let desk = desk().await;
    let sent = desk.sent("lihua", "one").await;
    let pressed = desk.press("lihua", "approve").await;
    let in_time = desk.press("lihua", "approve").await;
    desk.stage.sim.clock().advance(24 * HOUR - 1);
    assert_eq!(errcode(&desk.update(&in_time, json!({})).await), 0);
    desk.stage.sim.clock().advance(1);
    assert_eq!(errcode(&desk.update(&pressed, json!({})).await), 42022);
    desk.stage.sim.clock().advance(48 * HOUR - 1);
    assert_eq!(errcode(&desk.update(&sent, json!({})).await), 0);
    let late = desk.sent("lihua", "two").await;
    desk.stage.sim.clock().advance(72 * HOUR);
    assert_eq!(errcode(&desk.update(&late, json!({})).await), 42022);
}

#[actix_web::test]
async fn the_code_of_an_event_updates_the_card_of_who_pressed_unless_switched() {
    let desk = desk().await;
    desk.sent("lihua|zhangsan", "one").await;
    let code = desk.press("lihua", "approve").await;
    let both = json!({"userids": ["lihua", "zhangsan"]});
    let reply = desk.update(&code, both.clone()).await;
    assert_eq!((errcode(&reply), &reply["invaliduser"]), (0, &json!(["zhangsan"])));
    assert_eq!(
        (
            desk.card_of("lihua").buttons.len(),
            desk.card_of("zhangsan").buttons.len()
        ),
        (0, 2)
    );
    desk.stage
        .sim
        .edit(|world| world.switches.messages.event_code_updates_all = true);
    desk.sent("lihua|zhangsan", "two").await;
    let code = desk.press("lihua", "approve").await;
    assert_eq!(desk.update(&code, both).await["invaliduser"], json!([]));
    assert!(desk.card_of("zhangsan").buttons.is_empty());
}

#[actix_web::test]
async fn a_card_is_replaced_by_another_where_that_is_taken() {
    let desk = desk().await;
    let code = desk.sent("lihua", "one").await;
    let notice = json!({
        "card_type": "text_notice", "main_title": {"title": "Approved"},
        "card_action": {"type": 1, "url": "https://sso.corp.example/r/1"},
    });
    let replacement = json!({"button": null, "template_card": notice});
    desk.stage
        .sim
        .edit(|world| world.switches.messages.card_replacement = false);
    assert_eq!(errcode(&desk.update(&code, replacement.clone()).await), 40058);
    desk.stage
        .sim
        .edit(|world| world.switches.messages.card_replacement = true);
    let reply = desk.update(&code, replacement).await;
    assert_eq!(errcode(&reply), 0, "the refusal before did not use the code up");
    let card = desk.card_of("lihua");
    assert!(card.buttons.is_empty());
    assert_eq!(card.content["main_title"]["title"], "Approved");
    let code = desk.sent("lihua", "two").await;
    let neither = json!({"button": null});
    assert_eq!(errcode(&desk.update(&code, neither).await), 40058);
    assert_eq!(errcode(&desk.update(&code, json!({"userids": []})).await), 82001);
    assert_eq!(errcode(&desk.update(&code, json!({"atall": 1})).await), 0);
}

#[actix_web::test]
async fn what_is_no_card_is_refused() {
    let desk = desk().await;
    let with = |change: Value| {
        let mut card = card("one");
        card.as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        card
    };
    let many = vec![json!({"text": "a", "key": "a"}); 7];
    let cases = [
        (json!({"card_type": "poem"}), 40058),
        (json!({"main_title": {}}), 40058),
        (json!({"button_list": []}), 40058),
        (json!({"button_list": many}), 40058),
        (json!({"button_list": [{"text": "a"}]}), 40058),
        (json!({"task_id": ""}), 42014),
        (json!({"task_id": "a b"}), 42014),
        (json!({"task_id": "a".repeat(129)}), 42014),
    ];
    for (change, code) in cases {
        assert_eq!(
            errcode(&desk.send("lihua", with(change.clone())).await),
            code,
            "{change}"
        );
    }
    assert!(desk.stage.sim.messages().is_empty());
    assert_eq!(
        errcode(&desk.send("lihua", with(json!({"task_id": "a".repeat(128)}))).await),
        0
    );
}

#[actix_web::test]
async fn a_card_needs_somebody_who_hears_of_a_press_unless_switched() {
    let stage = sample().await;
    let card = json!({"msgtype": "template_card", "template_card": card("one")});
    assert_eq!(errcode(&send(&stage, card.clone()).await), 43012);
    stage
        .sim
        .edit(|world| world.switches.messages.cards_need_callback = false);
    assert_eq!(errcode(&send(&stage, card).await), 0);
    let id = stage.sim.messages()[0].id;
    let told = stage.sim.press(id, "approve", Delivery::default()).await.unwrap();
    assert_eq!(told.report.attempts, 0);
}

#[actix_web::test]
async fn a_task_id_used_before_is_swallowed_refused_or_delivered_by_switch() {
    use simulator::world::RepeatedTask::{Delivered, Refused};
    let desk = desk().await;
    desk.sent("lihua", "one").await;
    let again = desk.send("zhangsan", card("one")).await;
    assert_eq!((errcode(&again), again.get("response_code")), (0, None));
    desk.stage
        .sim
        .edit(|world| world.switches.messages.repeated_task = Refused);
    assert_eq!(errcode(&desk.send("zhangsan", card("one")).await), 42014);
    assert_eq!(desk.stage.sim.messages().len(), 1);
    desk.stage
        .sim
        .edit(|world| world.switches.messages.repeated_task = Delivered);
    desk.sent("zhangsan", "one").await;
    assert_eq!(desk.stage.sim.messages().len(), 2);
}

#[actix_web::test]
async fn a_code_is_good_for_its_own_app_only() {
    let desk = desk().await;
    let code = desk.sent("lihua", "one").await;
    let body =
        |agentid: u32| json!({"atall": 1, "agentid": agentid, "response_code": code, "button": {"replace_name": "x"}});
    let others = [
        (desk.stage.token_of(CORP, OLD_APP_SECRET).await, OLD_AGENT_ID, 42015),
        (desk.stage.token_of(CORP2, APP_SECRET2).await, AGENT_ID, 42015),
        (desk.stage.token_of(CORP, OLD_APP_SECRET).await, AGENT_ID, 301_002),
        (desk.stage.contacts_token().await, AGENT_ID, 48002),
    ];
    for (token, agentid, expected) in others {
        let path = format!("/cgi-bin/message/update_template_card?access_token={token}");
        assert_eq!(errcode(&desk.stage.post(&path, &body(agentid)).await), expected);
    }
    assert_eq!(desk.card_of("lihua").buttons.len(), 2);
}

#[actix_web::test]
async fn the_control_api_presses_and_replays() {
    let desk = desk().await;
    desk.sent("lihua", "one").await;
    let id = desk.card_of("lihua").id;
    let press = async |body: Value| {
        let url = desk.stage.url(&format!("/_sim/messages/{id}/press"));
        let reply = desk
            .stage
            .http
            .request(Method::POST, url)
            .json(&body)
            .send()
            .await
            .unwrap();
        (reply.status(), reply.json::<Value>().await.unwrap())
    };
    let (status, told) = press(json!({"key": "approve", "delivery": {"duplicate": true}})).await;
    assert_eq!(
        (status, &told["report"]["statuses"]),
        (StatusCode::OK, &json!([200, 200]))
    );
    assert_eq!(told["event"]["template_card"]["event_key"], "approve");
    let codes = desk.app.told(&["ResponseCode"]);
    assert_eq!(codes[0], codes[1], "the same event twice");
    let (_, told) = press(json!({"key": "approve", "delivery": {"tamper": "receive_id"}})).await;
    assert_eq!(told["report"]["statuses"], json!([403, 403, 403, 403]));
    let (status, _) = press(json!({"key": "nothing"})).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn the_phone_shows_messages_and_its_buttons_work() {
    let desk = desk().await;
    let url = "https://sso.corp.example/access-requests/abc";
    let textcard = json!({"title": "Approved", "description": "&lt;b&gt;Li<br>Hua", "url": url, "btntxt": "Open"});
    send(&desk.stage, json!({"msgtype": "textcard", "textcard": textcard})).await;
    let code = desk.sent("lihua", "one").await;
    let path = format!("/messages?corp={CORP}&userid=LiHua");
    let page = desk.stage.page(&path).await;
    assert_eq!(page.status, StatusCode::OK);
    for seen in [
        "Access request",
        "Approve</button>",
        "Refuse</button>",
        url,
        ">Approved<",
        "&#60;b&#62;Li",
    ] {
        assert!(page.body.contains(seen), "{seen}: {}", page.body);
    }
    let id = desk.card_of("lihua").id.to_string();
    let form = |userid: &'static str, key: &'static str| {
        [
            ("corp", CORP),
            ("userid", userid),
            ("message", id.as_str()),
            ("key", key),
        ]
    };
    let done = desk.stage.submit("/messages", &form("lihua", "approve")).await;
    let back = done.location.unwrap();
    assert_eq!(
        (back.path(), back.query().unwrap().contains("told=200")),
        ("/messages", true)
    );
    assert_eq!(desk.app.told(&["EventKey"]), [["approve"]]);
    for (userid, key) in [("lihua", "made-up"), ("zhangsan", "approve")] {
        let refused = desk.stage.submit("/messages", &form(userid, key)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{userid} {key}");
    }
    desk.update(&code, json!({"button": {"replace_name": "Approved by zhangsan"}}))
        .await;
    let page = desk.stage.page(&path).await;
    assert!(
        page.body.contains("<button disabled>Approved by zhangsan</button>") && !page.body.contains("Refuse</button>")
    );
    let unknown = desk.stage.page(&format!("/messages?corp={CORP}&userid=nobody")).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}
