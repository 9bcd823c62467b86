//! Tests of settled cards: they lose their buttons and say what was decided, however late, and whatever WeCom answers meanwhile.

use std::time::Duration;

use sea_orm::{ActiveModelTrait, EntityTrait, Set};
use serde_json::Value;
use simulator::{
    sample::{AGENT_ID, CORP, OLD_AGENT_ID},
    world::{Fault, FaultKind},
};
use uuid::Uuid;

use super::{CODE_GOOD, LEASE, SEEN_LATE, earlier, presses_since};
use crate::kernel::clock::Timestamp;
use crate::notices::{
    store::cards::{Origin, claim, due, origin},
    wecom_testing::{CARD, Fixture, LINK, SUBJECT},
};

const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn presses_are_looked_for_from_the_last_look_on_or_from_now_where_the_clock_was_set_back() {
    let now = Timestamp::from_secs(1_000_000);
    assert_eq!(presses_since(None, now), earlier(now, CODE_GOOD));
    assert_eq!(
        presses_since(Some(earlier(now, HOUR)), now),
        earlier(earlier(now, HOUR), SEEN_LATE)
    );
    assert_eq!(presses_since(Some(now.plus(HOUR)), now), earlier(now, SEEN_LATE));
}

fn words<'a>(content: &'a Value, pointer: &str) -> &'a str {
    content.pointer(pointer).and_then(Value::as_str).unwrap()
}

/// Whether somebody's card has lost its buttons.
fn is_settled(fixture: &Fixture, userid: &str) -> bool {
    fixture.message(userid).buttons.is_empty()
}

fn strike(fixture: &Fixture, kind: FaultKind, times: u32) {
    let fault = Fault::new("/cgi-bin/message/update_template_card", kind).times(times);
    fixture.sim.edit(|world| world.faults = vec![fault]);
}

#[actix_web::test]
async fn every_card_of_a_decided_matter_loses_its_buttons_and_says_what_was_decided() {
    let fixture = Fixture::open().await;
    let (one, other) = (fixture.sent("LIHUA").await, fixture.sent("zhangsan").await);
    assert_eq!(fixture.cards.tick().await.unwrap(), 0);
    assert!(!is_settled(&fixture, "lihua"));
    fixture.decide("approved", "zhangsan").await;
    assert_eq!(fixture.cards.tick().await.unwrap(), 1);
    for userid in ["lihua", "zhangsan"] {
        assert!(is_settled(&fixture, userid));
        let content = fixture.message(userid).content;
        // Members are told in Chinese.
        assert_eq!(words(&content, "/main_title/title"), "wangwu 申请开通访问");
        assert_eq!(words(&content, "/sub_title_text"), "已批准（zhangsan）");
        assert_eq!(words(&content, "/card_action/url"), LINK);
    }
    for delivery in [one, other] {
        assert_eq!(fixture.card_state(delivery).await.as_deref(), Some("settled"));
    }
    assert_eq!(
        (fixture.next_at().await, fixture.cards.tick().await.unwrap()),
        (None, 0)
    );
    assert_eq!(fixture.sim.calls("message/update_template_card"), 2);
}

#[actix_web::test]
async fn every_outcome_has_its_words_and_a_hostile_name_is_no_markup() {
    let outcomes = [
        ("refused", "已拒绝"),
        ("expired", "已过期"),
        ("withdrawn", "已撤回"),
        ("overtaken", "已开通"),
        ("whatever", "已处理"),
    ];
    for (outcome, word) in outcomes {
        let fixture = Fixture::open().await;
        fixture.sent("lihua").await;
        fixture.decide(outcome, "").await;
        fixture.cards.tick().await.unwrap();
        assert_eq!(words(&fixture.message("lihua").content, "/sub_title_text"), word);
    }
    let fixture = Fixture::open().await;
    fixture.sent("lihua").await;
    fixture.decide("refused", "<b>\u{202e}x\r\n").await;
    fixture.cards.tick().await.unwrap();
    assert_eq!(
        words(&fixture.message("lihua").content, "/sub_title_text"),
        "已拒绝（＜b＞x\n）"
    );
}

#[actix_web::test]
async fn where_no_whole_card_is_taken_the_buttons_say_it() {
    let fixture = Fixture::open().await;
    fixture.switch(|switches| switches.card_replacement = false);
    let delivery = fixture.sent("lihua").await;
    fixture.decide("refused", "zhangsan").await;
    fixture.cards.tick().await.unwrap();
    assert_eq!(fixture.message("lihua").replaced_by.as_deref(), Some("已拒绝"));
    assert_eq!(fixture.card_state(delivery).await.as_deref(), Some("settled"));
}

#[actix_web::test]
async fn what_wecom_does_not_take_now_is_retried_with_growing_pauses() {
    for kind in [
        FaultKind::Errcode(-1),
        FaultKind::Errcode(45009),
        FaultKind::Errcode(60020),
        FaultKind::BadGateway,
    ] {
        let fixture = Fixture::open().await;
        let delivery = fixture.sent("lihua").await;
        fixture.decide("approved", "zhangsan").await;
        strike(&fixture, kind.clone(), 2);
        for pause in [5_i64, 10] {
            assert_eq!(fixture.cards.tick().await.unwrap(), 1, "{kind:?}");
            assert!(!is_settled(&fixture, "lihua"));
            assert_eq!(fixture.card_state(delivery).await, None);
            let due = fixture.next_at().await.unwrap() - fixture.clock.now().millis();
            assert_eq!(due, pause * 1000, "{kind:?}");
            assert_eq!(fixture.cards.tick().await.unwrap(), 0, "not before");
            fixture.advance(Duration::from_secs(pause.unsigned_abs()));
        }
        fixture.cards.tick().await.unwrap();
        assert!(is_settled(&fixture, "lihua"), "{kind:?}");
        assert_eq!(fixture.next_at().await, None);
    }
}

#[actix_web::test]
async fn an_update_whose_answer_was_lost_is_not_taken_for_done_nor_tried_for_ever() {
    let fixture = Fixture::open().await;
    let delivery = fixture.sent("lihua").await;
    fixture.decide("approved", "zhangsan").await;
    strike(&fixture, FaultKind::Reset, 1);
    fixture.cards.tick().await.unwrap();
    assert!(is_settled(&fixture, "lihua"), "it was carried out");
    assert_eq!(fixture.card_state(delivery).await, None, "which nobody knows yet");
    fixture.advance(Duration::from_secs(5));
    fixture.cards.tick().await.unwrap();
    assert_eq!(
        fixture.card_state(delivery).await.as_deref(),
        Some("unreachable"),
        "its code is used"
    );
    assert_eq!(fixture.next_at().await, None);
}

#[actix_web::test]
async fn a_card_that_is_just_being_sent_when_the_matter_is_decided_is_updated_once_that_is_known() {
    let fixture = Fixture::open().await;
    let delivery = fixture.enqueue("lihua").await;
    let outcome = fixture.channel.send(&fixture.outgoing(delivery, "lihua")).await;
    fixture.decide("approved", "zhangsan").await;
    fixture.cards.tick().await.unwrap();
    assert!(!is_settled(&fixture, "lihua"));
    assert!(
        fixture.next_at().await.is_some(),
        "its sender has not written down what became of it"
    );
    fixture.note(delivery, &outcome).await;
    fixture.advance(Duration::from_secs(5));
    fixture.cards.tick().await.unwrap();
    assert!(is_settled(&fixture, "lihua"));
    assert_eq!(fixture.next_at().await, None);
}

#[actix_web::test]
async fn a_card_whose_code_is_too_old_is_updated_when_somebody_presses_it() {
    let fixture = Fixture::open().await;
    let delivery = fixture.sent("lihua").await;
    fixture.advance(72 * HOUR);
    fixture.decide("approved", "zhangsan").await;
    fixture.cards.tick().await.unwrap();
    assert!(!is_settled(&fixture, "lihua"));
    assert_eq!(fixture.card_state(delivery).await.as_deref(), Some("unreachable"));
    assert_eq!(fixture.next_at().await, None, "nothing is left to do");
    fixture.press("lihua", "ww0000000000000009").await;
    fixture.cards.tick().await.unwrap();
    assert!(!is_settled(&fixture, "lihua"), "that was another corp's press");
    fixture.advance(HOUR);
    forget_presses(&fixture).await;
    fixture.press("lihua", CORP).await;
    assert_eq!(fixture.cards.tick().await.unwrap(), 1);
    assert!(is_settled(&fixture, "lihua"));
    assert_eq!(fixture.card_state(delivery).await.as_deref(), Some("settled"));
    assert_eq!(fixture.cards.tick().await.unwrap(), 0);
}

async fn forget_presses(fixture: &Fixture) {
    let all = entity::card_event::Entity::delete_many();
    all.exec(fixture.db.writer()).await.unwrap();
}

#[actix_web::test]
async fn of_two_replicas_one_goes_through_a_matter() {
    let fixture = Fixture::open().await;
    for userid in ["lihua", "zhangsan", "wangwu"] {
        fixture.sent(userid).await;
    }
    fixture.decide("approved", "zhangsan").await;
    let (one, other) = (fixture.cards.clone(), fixture.cards.clone());
    let (one, other) = futures_util::future::join(one.tick(), other.tick()).await;
    assert_eq!(one.unwrap() + other.unwrap(), 1);
    assert_eq!(fixture.sim.calls("message/update_template_card"), 3);
}

#[actix_web::test]
async fn what_a_replica_had_claimed_that_died_is_gone_through_when_its_lease_is_over() {
    let fixture = Fixture::open().await;
    fixture.sent("lihua").await;
    fixture.decide("approved", "zhangsan").await;
    let now = fixture.clock.now();
    let due = due(&fixture.db, &fixture.sealer, now, 20).await.unwrap().remove(0);
    assert!(claim(&fixture.db, &due, now.plus(LEASE)).await.unwrap());
    assert!(!claim(&fixture.db, &due, now.plus(LEASE)).await.unwrap(), "by one only");
    assert_eq!(fixture.cards.tick().await.unwrap(), 0);
    fixture.advance(LEASE);
    assert_eq!(fixture.cards.tick().await.unwrap(), 1);
    assert!(is_settled(&fixture, "lihua"));
}

#[actix_web::test]
async fn a_matter_whose_corp_is_slow_is_waited_for_by_nobody() {
    let fixture = Fixture::open().await;
    fixture.sent("lihua").await;
    fixture.decide("approved", "zhangsan").await;
    strike(&fixture, FaultKind::Slow(700), 1);
    assert_eq!(fixture.cards.begin().await.unwrap(), 1);
    let leased = fixture.clock.now().plus(LEASE).millis();
    assert_eq!(fixture.next_at().await, Some(leased), "it is under way");
    assert_eq!(fixture.cards.begin().await.unwrap(), 0);
    fixture.cards.idle().await;
    assert!(is_settled(&fixture, "lihua"));
    assert_eq!(fixture.next_at().await, None);
}

#[actix_web::test]
async fn the_app_that_sent_a_card_updates_it_whatever_is_wrong_with_another() {
    let fixture = Fixture::open().await;
    fixture.add_better_sign_in().await;
    let delivery = fixture.sent("lihua").await;
    let message = fixture.message("lihua");
    assert_eq!((message.agentid, message.buttons.len()), (OLD_AGENT_ID, 2));
    fixture.decide("approved", "zhangsan").await;
    fixture.cards.tick().await.unwrap();
    assert!(is_settled(&fixture, "lihua"));
    assert_eq!(fixture.card_state(delivery).await.as_deref(), Some("settled"));
    assert_eq!(fixture.next_at().await, None);
}

#[actix_web::test]
async fn where_wecom_does_not_answer_it_is_asked_for_one_card_and_not_for_each() {
    let fixture = Fixture::open().await;
    for userid in ["lihua", "zhangsan", "wangwu"] {
        fixture.sent(userid).await;
    }
    fixture.decide("approved", "zhangsan").await;
    strike(&fixture, FaultKind::BadGateway, 100);
    fixture.cards.tick().await.unwrap();
    let calls = fixture.sim.calls("message/update_template_card");
    fixture.advance(Duration::from_secs(5));
    fixture.sim.edit(|world| world.faults.clear());
    fixture.cards.tick().await.unwrap();
    assert_eq!((calls, is_settled(&fixture, "wangwu")), (1, true));
}

#[actix_web::test]
async fn what_was_sealed_under_another_key_holds_no_card_up() {
    let fixture = Fixture::open().await;
    let (lost, whole) = (fixture.sent("zhangsan").await, fixture.sent("lihua").await);
    fixture.decide("approved", "zhangsan").await;
    let settlement = entity::card_settlement::ActiveModel {
        subject: Set("access_request:lost".to_owned()),
        content: Set("sealed under another key".to_owned()),
        settled_at: Set(1),
        attempts: Set(0),
        next_at: Set(Some(1)),
    };
    settlement.insert(fixture.db.writer()).await.unwrap();
    let row = entity::notice_delivery::Entity::find_by_id(lost).one(fixture.db.reader());
    let row = row.await.unwrap().unwrap();
    let notice = entity::notice::ActiveModel {
        id: Set(row.notice_id),
        content: Set("sealed under another key".to_owned()),
        ..Default::default()
    };
    notice.update(fixture.db.writer()).await.unwrap();
    assert_eq!(fixture.cards.tick().await.unwrap(), 1);
    assert!(is_settled(&fixture, "lihua") && !is_settled(&fixture, "zhangsan"));
    assert_eq!(fixture.card_state(whole).await.as_deref(), Some("settled"));
    assert_eq!(fixture.card_state(lost).await.as_deref(), Some("unreachable"));
    assert_eq!(
        (fixture.next_at().await, fixture.cards.tick().await.unwrap()),
        (None, 0)
    );
}

#[actix_web::test]
async fn a_press_is_of_a_card_that_was_sent_about_the_matter_to_this_member_by_this_app() {
    let fixture = Fixture::open().await;
    let delivery = fixture.enqueue("lihua").await;
    let (own, other) = (i64::from(AGENT_ID), i64::from(OLD_AGENT_ID));
    let task = format!("{CARD}@{}", delivery.simple());
    let asked =
        async |task: &str, about: (&str, Uuid), by: (&str, i64)| origin(&fixture.db, task, about, by).await.unwrap();
    let about = (SUBJECT, fixture.source);
    assert_eq!(asked(&task, about, ("lihua", own)).await, Origin::Sending);
    fixture.send(delivery, "lihua").await;
    assert_eq!(fixture.message("lihua").task_id.as_deref(), Some(task.as_str()));
    for task in [task.clone(), format!("{task}-199f0")] {
        assert_eq!(asked(&task, about, ("LiHua", own)).await, Origin::Known);
    }
    let nowhere = format!("{CARD}@{}", Uuid::nil().simple());
    for (task, about, by) in [
        (&task, about, ("lihua", other)),
        (&task, about, ("zhangsan", own)),
        (&task, ("access_request:8", fixture.source), ("lihua", own)),
        (&task, (SUBJECT, Uuid::nil()), ("lihua", own)),
        (&nowhere, about, ("lihua", own)),
        (&CARD.to_owned(), about, ("lihua", own)),
    ] {
        assert_eq!(asked(task, about, by).await, Origin::Foreign, "{task} {about:?} {by:?}");
    }
}

#[actix_web::test]
async fn what_others_press_under_the_same_name_hides_no_code() {
    let fixture = Fixture::open().await;
    fixture.sent("lihua").await;
    fixture.advance(72 * HOUR);
    fixture.press("lihua", CORP).await;
    let press = entity::card_event::Entity::find().one(fixture.db.reader()).await;
    let press = press.unwrap().unwrap();
    let later = fixture.clock.now().plus(Duration::from_secs(1));
    for (corp, agent, id) in [("ww0000000000000009", press.agent_id, 1), (CORP, 7, 2)] {
        let foreign = entity::card_event::ActiveModel {
            id: Set(Uuid::from_u128(id)),
            corp_id: Set(corp.to_owned()),
            agent_id: Set(agent),
            received_at: Set(later.millis()),
            ..press.clone().into()
        };
        entity::card_event::Entity::insert(foreign)
            .exec(fixture.db.writer())
            .await
            .unwrap();
    }
    fixture.decide("approved", "zhangsan").await;
    fixture.cards.tick().await.unwrap();
    assert!(is_settled(&fixture, "lihua"));
}
