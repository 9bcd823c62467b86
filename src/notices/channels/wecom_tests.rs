//! Tests of messages by WeCom apps: what reaches a member, and what each refusal becomes.

use std::time::Duration;

use serde_json::Value;
use simulator::{
    sample::{AGENT_ID, CORP, OLD_AGENT_ID},
    world::{Fault, FaultKind},
};

use crate::{
    notices::{
        delivery::Outcome,
        wecom_testing::{CARD, Fixture, LINK},
    },
    web::texts::Lang,
    wecom::card::card_of,
};

/// Status, sentence, and whether it is tried again.
fn failed(outcome: Outcome) -> (Option<i32>, String, bool) {
    match outcome {
        Outcome::Later { status, error, .. } | Outcome::Blocked { status, error, .. } => (status, error, true),
        Outcome::Refused { status, error } => (status, error, false),
        Outcome::Accepted { .. } => panic!("accepted"),
    }
}

fn accepted(outcome: Outcome) -> Option<String> {
    match outcome {
        Outcome::Accepted {
            status, provider_id, ..
        } => {
            assert_eq!(status, Some(0));
            provider_id
        }
        outcome => panic!("{outcome:?}"),
    }
}

fn words<'a>(content: &'a Value, pointer: &str) -> &'a str {
    content.pointer(pointer).and_then(Value::as_str).unwrap()
}

#[actix_web::test]
async fn a_notice_with_a_card_comes_with_buttons() {
    let fixture = Fixture::open().await;
    fixture.sent("LiHua").await;
    let message = fixture.message("lihua");
    assert_eq!(message.msgtype, "template_card");
    let keys: Vec<&str> = message.buttons.iter().map(|button| button.key.as_str()).collect();
    assert_eq!(keys, ["approve", "refuse"]);
    assert_eq!(card_of(message.task_id.as_deref().unwrap()), CARD);
    let content = &message.content;
    assert_eq!(
        words(content, "/sub_title_text"),
        "Member: wangwu\nReason: ＜b＞new＜/b＞"
    );
    assert!(words(content, "/card_action/url").starts_with(&format!("{LINK}#")));
    assert_eq!(message.buttons[0].text, "Approve");
    let delivery = fixture.enqueue("zhangsan").await;
    let mut chinese = fixture.outgoing(delivery, "zhangsan");
    chinese.lang = Lang::Zh;
    accepted(fixture.channel.send(&chinese).await);
    assert_eq!(fixture.message("zhangsan").buttons[1].text, "拒绝");
}

#[actix_web::test]
async fn where_nobody_would_hear_of_a_press_a_card_with_a_link_comes() {
    let fixture = Fixture::open().await;
    fixture.forget_endpoint().await;
    fixture.sent("lihua").await;
    let message = fixture.message("lihua");
    assert_eq!(
        (message.msgtype.as_str(), words(&message.content, "/btntxt")),
        ("textcard", "Open")
    );
    assert!(words(&message.content, "/url").starts_with(LINK));
    assert!(words(&message.content, "/description").contains("&lt;b&gt;new"));
    // Verified here, and taken away in WeCom's console meanwhile.
    let fixture = Fixture::open().await;
    fixture.sim.edit(|world| {
        let app = world.corp_mut(CORP).unwrap().apps.get_mut(&AGENT_ID).unwrap();
        app.callback = None;
    });
    fixture.sent("lihua").await;
    assert_eq!(fixture.message("lihua").msgtype, "textcard");
}

#[actix_web::test]
async fn what_is_settled_already_comes_without_buttons_and_what_leads_nowhere_as_text() {
    let fixture = Fixture::open().await;
    fixture.decide("approved", "zhangsan").await;
    let delivery = fixture.sent("lihua").await;
    assert_eq!(fixture.message("lihua").msgtype, "textcard");
    let mut text = fixture.outgoing(delivery, "zhangsan");
    (text.link, text.card) = (None, None);
    accepted(fixture.channel.send(&text).await);
    let message = fixture.message("zhangsan");
    assert_eq!(
        words(&message.content, "/content"),
        "Access request\nMember: wangwu\nReason: &lt;b&gt;new&lt;/b&gt;"
    );
}

#[actix_web::test]
async fn a_repetition_is_swallowed_and_a_message_to_somebody_else_or_sent_again_on_purpose_is_not() {
    for card in [true, false] {
        let fixture = Fixture::open().await;
        fixture.switch(|switches| switches.duplicate_check_ignores_receivers = true);
        if !card {
            fixture.forget_endpoint().await;
        }
        let delivery = fixture.enqueue("lihua").await;
        let message = fixture.outgoing(delivery, "lihua");
        // The reply to the first was lost.
        let lost = Fault::new("/cgi-bin/message/send", FaultKind::Reset).times(1);
        fixture.sim.edit(|world| world.faults.push(lost));
        let (status, error, again) = failed(fixture.channel.send(&message).await);
        assert_eq!((status, again), (None, true));
        assert!(error.starts_with("WC-140: "), "{error}");
        assert_eq!(accepted(fixture.send(delivery, "lihua").await), None, "swallowed");
        assert_eq!(fixture.sim.messages().len(), 1, "card: {card}");
        fixture.sent("zhangsan").await;
        assert_eq!(fixture.sim.messages().len(), 2, "card: {card}");
        assert!(accepted(fixture.send(delivery, "lihua").await).is_some(), "on purpose");
        assert_eq!(fixture.sim.messages().len(), 3, "card: {card}");
    }
}

#[actix_web::test]
async fn every_refusal_has_its_sentence_and_says_whether_it_is_tried_again() {
    let codes = [
        (45009, "WC-130", true),
        (45033, "WC-130", true),
        (-1, "WC-140", true),
        (60020, "WC-120", true),
        (48002, "WC-151", true),
        (50003, "WC-113", true),
        (301_002, "WC-112", true),
        (40058, "WC-190", false),
        (60111, "WC-170", false),
    ];
    let fixture = Fixture::open().await;
    let delivery = fixture.enqueue("lihua").await;
    for (code, number, again) in codes {
        fixture.sim.edit(|world| {
            world.caller_ip = Some("203.0.113.9".to_owned());
            world.faults = vec![Fault::new("/cgi-bin/message/send", FaultKind::Errcode(code))];
        });
        let outcome = fixture.channel.send(&fixture.outgoing(delivery, "lihua")).await;
        if let Outcome::Later { after, .. } = &outcome {
            assert_eq!(after.is_some(), number == "WC-130", "{code}: {after:?}");
            assert!(after.is_none_or(|after| after >= Duration::from_secs(60)));
        }
        let (status, error, tried_again) = failed(outcome);
        assert_eq!((status, tried_again), (Some(code), again), "{error}");
        assert!(error.starts_with(&format!("{number}: ")), "{code}: {error}");
        assert_eq!(error.contains("203.0.113.9"), code == 60020, "{error}");
    }
    assert!(fixture.sim.messages().is_empty());
}

#[actix_web::test]
async fn whom_no_app_reaches_is_refused_and_another_app_may() {
    let fixture = Fixture::open().await;
    let delivery = fixture.enqueue("waibu01").await;
    let refused = failed(fixture.send(delivery, "waibu01").await);
    assert_eq!((refused.0, refused.2), (None, false));
    assert!(refused.1.starts_with("WC-191: "), "{}", refused.1);
    fixture.add_sign_in().await;
    fixture.sim.edit(|world| {
        let app = world.corp_mut(CORP).unwrap().apps.get_mut(&OLD_AGENT_ID).unwrap();
        app.scope.users.push("waibu01".to_owned());
    });
    accepted(fixture.send(delivery, "waibu01").await);
    let message = fixture.message("waibu01");
    assert_eq!(
        (message.agentid, message.msgtype.as_str()),
        (OLD_AGENT_ID, "textcard"),
        "it has no callback here"
    );
    // An app that an admin must mend does not keep the other from trying; one whose answer is lost does.
    fixture.sim.edit(|world| {
        let broken = Fault::new("/cgi-bin/message/send", FaultKind::Errcode(60020));
        world.faults = vec![broken.times(1)];
    });
    let delivery = fixture.enqueue("waibu01").await;
    accepted(fixture.send(delivery, "waibu01").await);
    let lost = Fault::new("/cgi-bin/message/send", FaultKind::Reset).times(1);
    fixture.sim.edit(|world| world.faults = vec![lost]);
    let delivery = fixture.enqueue("lihua").await;
    let sent = fixture.sim.messages().len();
    assert!(failed(fixture.send(delivery, "lihua").await).2);
    assert_eq!(
        fixture.sim.messages().len(),
        sent + 1,
        "one app sent it, and its answer was lost"
    );
}

#[actix_web::test]
async fn members_without_a_licence_and_sources_without_an_app_are_told() {
    let fixture = Fixture::open().await;
    fixture.switch(|switches| switches.unlicensed = vec!["lihua".to_owned()]);
    let delivery = fixture.enqueue("lihua").await;
    assert!(failed(fixture.send(delivery, "lihua").await).1.starts_with("WC-191"));
    fixture.forget_integration_app().await;
    let (status, error, again) = failed(fixture.send(delivery, "lihua").await);
    assert_eq!((status, again), (None, false));
    assert!(error.starts_with("WC-192"), "{error}");
}

#[actix_web::test]
async fn what_vanishes_without_an_error_counts_as_accepted() {
    let fixture = Fixture::open().await;
    fixture.switch(|switches| switches.vanish_for = vec!["lihua".to_owned()]);
    fixture.sent("lihua").await;
    assert!(fixture.sim.messages().is_empty());
}
