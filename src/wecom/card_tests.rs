//! Tests of cards: what is sent, and how every answer to an update is read.

use super::*;
use crate::wecom::testing::{Reaction, Stub, app, bench};

const CARD: ButtonCard<'static> = ButtonCard {
    title: "Access <b>request</b>",
    text: "wangwu\u{202e} asks & waits\nuntil Friday",
    url: "https://sso.corp.example/access-requests/1",
    task_id: "request@1",
    buttons: &[
        CardButton {
            text: "Approve",
            key: "approve",
            warns: false,
        },
        CardButton {
            text: "Refuse this one",
            key: "refuse",
            warns: true,
        },
    ],
};

const SETTLED: SettledCard<'static> = SettledCard {
    title: "Access request",
    text: "Approved by zhangsan",
    url: "https://sso.corp.example/access-requests/1",
    button: "Approved",
};

fn code() -> ResponseCode {
    ResponseCode::new("CODE-1".to_owned())
}

fn sent(stub: &Stub, path: &str) -> Vec<Value> {
    let path = format!("/cgi-bin/{path}");
    let calls = stub.calls().into_iter().filter(|call| call.path == path);
    calls.map(|call| serde_json::from_str(&call.body).unwrap()).collect()
}

#[tokio::test]
async fn a_card_holds_no_markup_and_its_response_code_comes_back() {
    let stub = Stub::scripted(&[(
        "message/send",
        r#"{"errcode":0,"errmsg":"ok","invaliduser":"zhao","msgid":"m1","response_code":"CODE-1"}"#,
    )]);
    let delivery = bench(&stub)
        .wecom
        .send_card(&app(), &["LiHua", "Zhao"], &CARD)
        .await
        .unwrap();
    assert_eq!(
        (delivery.undelivered, delivery.response_code),
        (vec!["zhao".to_owned()], Some(code()))
    );
    let body = sent(&stub, "message/send").remove(0);
    assert_eq!(
        (&body["msgtype"], &body["enable_duplicate_check"]),
        (&json!("template_card"), &json!(1))
    );
    let card = &body["template_card"];
    assert_eq!(card["main_title"]["title"], "Access ＜b＞request＜/b＞");
    assert_eq!(card["sub_title_text"], "wangwu asks ＆ waits\nuntil Friday");
    assert_eq!(
        (&card["task_id"], &card["card_type"]),
        (&json!("request@1"), &json!("button_interaction"))
    );
    assert_eq!(
        card["button_list"],
        json!([
            { "type": 0, "text": "Approve", "style": 1, "key": "approve" },
            { "type": 0, "text": "Refuse thi", "style": 2, "key": "refuse" },
        ])
    );
}

#[tokio::test]
async fn a_settled_card_is_replaced_as_a_whole() {
    for (reply, expected) in [
        (r#"{"errcode":0,"errmsg":"ok"}"#, CardUpdate::Updated),
        (r#"{"errcode":0,"invaliduser":[]}"#, CardUpdate::Updated),
        (r#"{"errcode":0,"invaliduser":""}"#, CardUpdate::Updated),
        (r#"{"errcode":0,"invaliduser":["zhao"]}"#, CardUpdate::Updated),
        (r#"{"errcode":0,"invaliduser":["lihua"]}"#, CardUpdate::NotTheirs),
        (r#"{"errcode":0,"invaliduser":"zhao|lihua"}"#, CardUpdate::NotTheirs),
    ] {
        let stub = Stub::start(move |call| {
            Reaction::json(if call.path.ends_with("gettoken") {
                r#"{"access_token":"token-1","expires_in":7200}"#
            } else {
                reply
            })
        });
        let wecom = bench(&stub).wecom;
        let update = wecom.settle_card(&app(), ("LiHua", &code()), &SETTLED).await;
        assert_eq!(update.unwrap(), expected, "{reply}");
        let bodies = sent(&stub, "message/update_template_card");
        assert_eq!(bodies.len(), 1);
        let whole = &bodies[0];
        assert_eq!(
            (&whole["userids"], &whole["response_code"]),
            (&json!(["LiHua"]), &json!("CODE-1"))
        );
        assert_eq!(whole["template_card"]["sub_title_text"], "Approved by zhangsan");
    }
}

/// Answers the update of a whole card and that of the words with these.
fn answering(whole: &'static str, words: &'static str) -> Stub {
    Stub::start(move |call| {
        Reaction::json(match call.path.as_str() {
            path if path.ends_with("gettoken") => r#"{"access_token":"token-1","expires_in":7200}"#,
            _ if call.body.contains("replace_name") => words,
            _ => whole,
        })
    })
}

#[tokio::test]
async fn where_no_whole_card_is_taken_its_buttons_get_other_words() {
    let stub = answering(r#"{"errcode":40058,"errmsg":"no"}"#, r#"{"errcode":0}"#);
    let update = bench(&stub)
        .wecom
        .settle_card(&app(), ("LiHua", &code()), &SETTLED)
        .await;
    assert_eq!(update.unwrap(), CardUpdate::Updated);
    let bodies = sent(&stub, "message/update_template_card");
    assert_eq!(bodies[1]["button"]["replace_name"], "Approved");
    assert!(bodies[1].get("template_card").is_none());
}

#[tokio::test]
async fn a_code_that_is_good_for_nothing_is_told_from_what_passes_and_what_must_be_mended() {
    for errcode in [40035, 40058, 42014, 42015, 42016, 42022, 987_654] {
        let reply: &'static str = format!(r#"{{"errcode":{errcode},"errmsg":"bad CODE-1"}}"#).leak();
        let stub = answering(reply, reply);
        let update = bench(&stub)
            .wecom
            .settle_card(&app(), ("LiHua", &code()), &SETTLED)
            .await;
        let Ok(CardUpdate::Spent(words)) = update else {
            panic!("{errcode}: {update:?}");
        };
        assert!(
            words.contains(&errcode.to_string()) && !words.contains("CODE-1"),
            "{words}"
        );
    }
    for errcode in [-1, 45009, 45033, 60020, 48002, 301_002, 50003] {
        let reply: &'static str = format!(r#"{{"errcode":{errcode},"errmsg":"no"}}"#).leak();
        let stub = answering(reply, r#"{"errcode":0}"#);
        let update = bench(&stub)
            .wecom
            .settle_card(&app(), ("LiHua", &code()), &SETTLED)
            .await;
        assert_eq!(
            update.unwrap_err().errcode,
            Some(errcode),
            "nothing else is tried with the code"
        );
    }
    let mut contacts = app();
    contacts.kind = SecretKind::ContactsSync;
    let stub = answering("{}", "{}");
    let refused = bench(&stub)
        .wecom
        .settle_card(&contacts, ("LiHua", &code()), &SETTLED)
        .await;
    assert_eq!((refused.unwrap_err().errcode, stub.calls().len()), (Some(301_002), 0));
}

#[tokio::test]
async fn an_app_without_a_callback_is_told_apart() {
    let stub = Stub::scripted(&[("message/send", r#"{"errcode":43012,"errmsg":"callback"}"#)]);
    let refused = bench(&stub)
        .wecom
        .send_card(&app(), &["LiHua"], &CARD)
        .await
        .unwrap_err();
    assert!(refused.needs_callback());
}

#[test]
fn each_delivery_has_its_own_task_id_which_names_the_card() {
    let (one, other) = (task_id("access_request@7", "aa"), task_id("access_request@7", "ab"));
    assert_ne!(one, other);
    assert_eq!(
        (card_of(&one), card_of(&other)),
        ("access_request@7", "access_request@7")
    );
    assert_eq!((delivery_of(&one), delivery_of(&other)), (Some("aa"), Some("ab")));
    assert_eq!((card_of("plain"), delivery_of("plain")), ("plain", None));
    let long = task_id(&"x".repeat(200), &"d".repeat(32));
    assert_eq!((long.len(), card_of(&long).len()), (128, 95));
}
