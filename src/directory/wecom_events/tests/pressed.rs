//! Tests of pressed buttons of cards: recorded before the answer and once, with their response codes sealed; forged ones leave nothing.

use std::time::Duration;

use entity::{callback_endpoint, card_event};
use sea_orm::EntityTrait;
use simulator::{
    Delivery, Event, Tamper,
    sample::{AGENT_ID, APP_SECRET, CORP},
};

use super::fixture::Fixture;
use crate::{
    directory::wecom_events::{
        card_events::{
            Press, acted_on_since, forget_code, pending,
            receipt::{Arrived, record},
            settle, usable_code,
        },
        endpoint_owner::Owner,
    },
    kernel::{clock::Timestamp, secret::Secret},
    wecom::{
        card::{ButtonCard, CardButton, task_id},
        model::{Credential, SecretKind},
    },
};

const APP: (&str, i64) = (CORP, AGENT_ID as i64);

fn credential() -> Credential {
    Credential {
        corp_id: CORP.to_owned(),
        secret: Secret::new(APP_SECRET.to_owned()),
        kind: SecretKind::App {
            agent_id: i64::from(AGENT_ID),
        },
        suite: None,
    }
}

/// A fixture whose app has sent a card to 李华; gives the number of the message.
async fn sent(task: &str) -> (Fixture, u64) {
    let fixture = Fixture::unsynced(true).await;
    fixture.configure(Owner::App).await;
    let id = send(&fixture, task).await;
    (fixture, id)
}

async fn send(fixture: &Fixture, task: &str) -> u64 {
    let buttons = ["approve", "refuse"].map(|key| CardButton {
        text: key,
        key,
        warns: false,
    });
    let card = ButtonCard {
        title: "Access request",
        text: "wangwu",
        url: "https://sso.corp.example/access-requests/1",
        task_id: task,
        buttons: &buttons,
    };
    let wecom = &fixture.callbacks.deps.wecom;
    let delivery = wecom.send_card(&credential(), &["LIHUA"], &card).await.unwrap();
    assert!(delivery.response_code.is_some());
    fixture.sim.messages().last().unwrap().id
}

async fn press(fixture: &Fixture, id: u64, key: &str, delivery: Delivery) -> Vec<u16> {
    fixture.sim.press(id, key, delivery).await.unwrap().report.statuses
}

async fn rows(fixture: &Fixture) -> Vec<card_event::Model> {
    card_event::Entity::find().all(fixture.db.reader()).await.unwrap()
}

async fn waiting(fixture: &Fixture) -> Vec<Press> {
    pending(&fixture.db, None, 100).await.unwrap()
}

#[actix_web::test]
async fn a_press_is_recorded_before_wecom_gets_its_answer_and_wakes_who_acts_on_it() {
    let (fixture, id) = sent(&task_id("access_request@1", "0a")).await;
    assert_eq!(press(&fixture, id, "approve", Delivery::default()).await, [200]);
    let press = waiting(&fixture).await.remove(0);
    assert_eq!(
        (press.userid.as_str(), press.key.as_str(), press.card()),
        ("lihua", "approve", "access_request@1")
    );
    assert_eq!((press.corp_id.as_str(), press.agent_id), APP);
    assert_eq!(
        (press.data_source, press.received_at),
        (fixture.source, fixture.clock.now())
    );
    // Notified already: whoever waits from now on does not.
    fixture.callbacks.pressed().notified().await;
    assert!(
        fixture.callbacks.find(fixture.source).await.unwrap()[0]
            .last_event_at
            .is_some()
    );
}

#[actix_web::test]
async fn an_event_that_is_repeated_is_not_acted_on_again_and_a_press_that_is_repeated_is() {
    let (fixture, id) = sent("one").await;
    let twice = Delivery {
        duplicate: true,
        ..Delivery::default()
    };
    let told = fixture.sim.press(id, "approve", twice).await.unwrap();
    assert_eq!(told.report.statuses, [200, 200]);
    let before = rows(&fixture).await;
    assert_eq!(before.len(), 1);
    let now = fixture.clock.now();
    assert!(settle(fixture.db.writer(), before[0].id, "refused", now).await.unwrap());
    let replayed = fixture.emit(Owner::App, told.event, Delivery::default()).await;
    assert_eq!(replayed.statuses, [200]);
    assert!(waiting(&fixture).await.is_empty(), "what was acted on stays so");
    fixture.advance(Duration::from_secs(60));
    press(&fixture, id, "approve", Delivery::default()).await;
    let after = rows(&fixture).await;
    assert_eq!((after.len(), after[0].id, after[0].handled_at), (1, before[0].id, None));
    assert_eq!(
        after[0].outcome.as_deref(),
        Some("refused"),
        "what became of it before is known"
    );
    assert_ne!(after[0].response_code_sealed, before[0].response_code_sealed);
    assert_eq!(waiting(&fixture).await.len(), 1, "what stood in the way may be gone");
    press(&fixture, id, "refuse", Delivery::default()).await;
    assert_eq!(waiting(&fixture).await.len(), 2, "another button is another press");
}

#[actix_web::test]
async fn forged_presses_and_those_for_another_corp_leave_nothing() {
    let (fixture, id) = sent("one").await;
    let kinds = [
        (Tamper::Signature, 403),
        (Tamper::Key, 400),
        (Tamper::ReceiveId, 403),
        (Tamper::Stale, 403),
    ];
    for (tamper, status) in kinds {
        let delivery = Delivery {
            tamper: Some(tamper),
            ..Delivery::default()
        };
        assert_eq!(
            press(&fixture, id, "approve", delivery).await,
            [status; 4],
            "{tamper:?}"
        );
    }
    assert!(rows(&fixture).await.is_empty());
}

#[actix_web::test]
async fn of_two_who_act_on_a_press_one_settles_it() {
    let (fixture, id) = sent("one").await;
    press(&fixture, id, "approve", Delivery::default()).await;
    let press = waiting(&fixture).await.remove(0);
    let now = fixture.clock.now();
    let undone = fixture.db.begin().await.unwrap();
    assert!(settle(&undone, press.id, "approved", now).await.unwrap());
    undone.rollback().await.unwrap();
    assert!(settle(fixture.db.writer(), press.id, "approved", now).await.unwrap());
    assert!(!settle(fixture.db.writer(), press.id, "overtaken", now).await.unwrap());
    let row = rows(&fixture).await.remove(0);
    assert_eq!(
        (row.outcome.as_deref(), row.handled_at),
        (Some("approved"), Some(now.millis()))
    );
}

#[actix_web::test]
async fn a_sender_that_names_no_app_means_the_one_of_the_callback() {
    let (fixture, id) = sent("one").await;
    fixture
        .sim
        .edit(|world| world.switches.messages.card_event_names_app = false);
    press(&fixture, id, "approve", Delivery::default()).await;
    assert_eq!(waiting(&fixture).await[0].agent_id, APP.1);
    fixture.configure(Owner::Contacts).await;
    let stray = Event::TemplateCard {
        userid: "lihua".to_owned(),
        task_id: "two".to_owned(),
        event_key: "approve".to_owned(),
        card_type: "button_interaction".to_owned(),
        response_code: String::new(),
    };
    let report = fixture.emit(Owner::Contacts, stray, Delivery::default()).await;
    assert_eq!(report.statuses, [200]);
    assert_eq!(waiting(&fixture).await.len(), 1, "of no app at all");
}

#[actix_web::test]
async fn a_press_under_the_key_of_another_app_or_of_no_app_leaves_nothing() {
    let (fixture, _) = sent("one").await;
    let contacts = fixture.configure(Owner::Contacts).await.id;
    let endpoints = callback_endpoint::Entity::find().all(fixture.db.reader()).await;
    let endpoints = endpoints.unwrap();
    let app = endpoints.iter().find(|row| row.agent_id == Some(APP.1)).unwrap().id;
    let deps = &fixture.callbacks.deps;
    let cases = [
        (contacts, Some(APP.1), false),
        (contacts, None, false),
        (app, Some(APP.1 + 1), false),
        (app, None, true),
        (app, Some(APP.1), true),
    ];
    for (endpoint, named, taken) in cases {
        let arrived = Arrived {
            userid: "lihua".to_owned(),
            agent_id: named,
            task_id: format!("{named:?}"),
            key: "approve".to_owned(),
            response_code: None,
        };
        let means = (&deps.sealer, &deps.entropy);
        let recorded = record(&fixture.db, means, (endpoint, arrived), fixture.clock.now()).await;
        assert_eq!(recorded.unwrap(), taken, "{endpoint} {named:?}");
    }
    let recorded = rows(&fixture).await;
    assert_eq!(recorded.len(), 2);
    assert!(recorded.iter().all(|row| row.agent_id == APP.1));
}

#[actix_web::test]
async fn the_newest_code_of_a_members_card_is_found_sealed_and_forgotten_once_used() {
    let (fixture, id) = sent("one@0a").await;
    let start = fixture.clock.now();
    press(&fixture, id, "approve", Delivery::default()).await;
    fixture.advance(Duration::from_secs(60));
    let newer = fixture.clock.now();
    press(&fixture, id, "refuse", Delivery::default()).await;
    let sealer = &fixture.callbacks.deps.sealer;
    let code = async |task: &str, userid: &str, since: Timestamp| {
        let app = (APP.0, Some(APP.1));
        usable_code(&fixture.db, sealer, app, (task, userid), since)
            .await
            .unwrap()
    };
    let day_before = Timestamp::from_secs(start.millis() / 1000 - 86_400);
    let found = code("one@0a", "LiHua", day_before).await.unwrap();
    let stored = rows(&fixture).await;
    let row = stored.iter().find(|row| row.id == found.press).unwrap();
    assert_eq!(
        (row.event_key.as_str(), found.app.0.as_str(), found.app.1),
        ("refuse", APP.0, APP.1)
    );
    assert!(
        !format!("{row:?}{:?}", found.code).contains(found.code.expose()),
        "sealed, and not seen"
    );
    assert!(
        code("two@0a", "lihua", day_before).await.is_none() && code("one@0a", "zhangsan", day_before).await.is_none()
    );
    assert!(code("one@0a", "lihua", newer).await.is_none(), "too old by then");
    assert!(acted_on_since(&fixture.db, day_before, 10).await.unwrap().is_empty());
    for press in waiting(&fixture).await {
        settle(fixture.db.writer(), press.id, "overtaken", newer).await.unwrap();
    }
    assert_eq!(
        acted_on_since(&fixture.db, start, 10).await.unwrap(),
        ["one@0a", "one@0a"]
    );
    assert!(acted_on_since(&fixture.db, newer, 10).await.unwrap().is_empty());
    forget_code(fixture.db.writer(), found.press).await.unwrap();
    let older = code("one@0a", "lihua", day_before).await.unwrap();
    assert_ne!(older.code, found.code);
    forget_code(fixture.db.writer(), older.press).await.unwrap();
    assert!(code("one@0a", "lihua", day_before).await.is_none());
    assert!(acted_on_since(&fixture.db, start, 10).await.unwrap().is_empty());
}
