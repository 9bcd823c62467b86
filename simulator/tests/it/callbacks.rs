//! Reference §6, §7: verification, encryption, retries, and everything that can be spoiled.

use simulator::sample::{AGENT_ID, CORP};
use simulator::{Delivery, Event, Owner, Tamper};

use crate::receiver::{KEY, Receiver, TOKEN, receiver};
use crate::stage::{NOW, Stage, sample};

async fn configured() -> (Stage, Receiver) {
    let (stage, receiver) = (sample().await, receiver().await);
    stage
        .sim
        .configure_callback(CORP, Owner::Contacts, &receiver.url, TOKEN, KEY)
        .await
        .unwrap();
    (stage, receiver)
}

fn leaver() -> Event {
    Event::DeleteUser {
        userid: "lihua".to_owned(),
    }
}

#[actix_web::test]
async fn saving_verifies_the_url_and_keeps_nothing_on_failure() {
    let (stage, receiver) = (sample().await, receiver().await);
    let save = |token: &'static str, key: &'static str| {
        stage
            .sim
            .configure_callback(CORP, Owner::App(AGENT_ID), &receiver.url, token, key)
    };
    assert!(save("another", KEY).await.unwrap_err().contains("40057"));
    assert!(save(TOKEN, &KEY[1..]).await.unwrap_err().contains("43"));
    assert!(save("with-dash", KEY).await.unwrap_err().contains("Token"));
    let callback = |world: &mut simulator::World| world.corps[CORP].apps[&AGENT_ID].callback.clone();
    assert_eq!(stage.sim.edit(callback), None);
    save(TOKEN, KEY).await.unwrap();
    assert_eq!(stage.sim.edit(callback).unwrap().token, TOKEN);
}

#[actix_web::test]
async fn events_are_signed_encrypted_and_restricted() {
    let (stage, receiver) = configured().await;
    let event = Event::UpdateUser {
        userid: "lihua".to_owned(),
        new_userid: None,
    };
    let report = stage
        .sim
        .emit(CORP, Owner::Contacts, event.clone(), Delivery::default())
        .await;
    assert_eq!((report.attempts, report.statuses), (1, vec![200]));
    stage.sim.edit(|world| world.switches.restricted_events = false);
    stage.sim.emit(CORP, Owner::Contacts, event, Delivery::default()).await;
    let received = receiver.received.lock().unwrap();
    let (parameters, message) = &received.good[0];
    assert_eq!(parameters["own"], "1");
    let expected = format!(
        "<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><FromUserName><![CDATA[sys]]></FromUserName>\
         <CreateTime>{NOW}</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[change_contact]]></Event>\
         <ChangeType><![CDATA[update_user]]></ChangeType><UserID><![CDATA[lihua]]></UserID>\
         <Department><![CDATA[4,9]]></Department></xml>"
    );
    assert_eq!(message, &expected);
    assert!(received.good[1].1.contains("<Name><![CDATA[李华]]></Name>"));
    assert!(received.good[1].1.contains("<Status>1</Status>"));
}

#[actix_web::test]
async fn other_statuses_are_retried_three_times() {
    let (stage, receiver) = configured().await;
    receiver.received.lock().unwrap().bad_days = vec![500, 503];
    let report = stage
        .sim
        .emit(CORP, Owner::Contacts, leaver(), Delivery::default())
        .await;
    assert_eq!(report.statuses, [503, 500, 200]);
    receiver.received.lock().unwrap().bad_days = vec![500; 9];
    let report = stage
        .sim
        .emit(CORP, Owner::Contacts, leaver(), Delivery::default())
        .await;
    assert_eq!((report.attempts, report.statuses), (4, vec![500; 4]));
    assert_eq!(receiver.received.lock().unwrap().good.len(), 1);
}

#[actix_web::test]
async fn duplicates_carry_the_same_message_encrypted_anew() {
    let (stage, receiver) = configured().await;
    let duplicate = Delivery {
        duplicate: true,
        ..Delivery::default()
    };
    let report = stage.sim.emit(CORP, Owner::Contacts, leaver(), duplicate).await;
    assert_eq!(report.attempts, 2);
    let received = receiver.received.lock().unwrap();
    let [first, second] = received.good.as_slice() else {
        panic!("two deliveries")
    };
    assert_eq!(first.1, second.1, "the same inner message");
    assert_ne!(first.0["msg_signature"], second.0["msg_signature"], "encrypted anew");
}

#[actix_web::test]
async fn retries_have_a_fresh_nonce_unless_switched() {
    let (stage, receiver) = configured().await;
    for fresh in [true, false] {
        stage.sim.edit(|world| world.switches.fresh_timestamp_on_retry = fresh);
        receiver.received.lock().unwrap().bad_days = vec![500];
        receiver.received.lock().unwrap().raw.clear();
        stage
            .sim
            .emit(CORP, Owner::Contacts, leaver(), Delivery::default())
            .await;
        let received = receiver.received.lock().unwrap();
        assert_eq!(received.raw[0].0 != received.raw[1].0, fresh);
        assert_ne!(received.raw[0].1, received.raw[1].1, "always encrypted anew");
    }
}

#[actix_web::test]
async fn the_outer_message_has_the_shapes_seen_in_the_field() {
    let (stage, receiver) = configured().await;
    type Change = fn(&mut simulator::world::Switches);
    let shapes: [(Change, &str); 4] = [
        (|_| {}, "]]></ToUserName><Encrypt><![CDATA["),
        (
            |switches| switches.contacts_agentid = true,
            "<AgentID><![CDATA[2000002]]></AgentID>",
        ),
        (|switches| switches.cdata = false, "<AgentID>2000002</AgentID><Encrypt>"),
        (
            |switches| switches.json_callbacks = true,
            "\"tousername\":\"ww5ample0000000001\"",
        ),
    ];
    for (change, expected) in shapes {
        stage.sim.edit(|world| change(&mut world.switches));
        receiver.received.lock().unwrap().raw.clear();
        stage
            .sim
            .emit(CORP, Owner::Contacts, leaver(), Delivery::default())
            .await;
        let received = receiver.received.lock().unwrap();
        let (_, outer) = &received.raw[0];
        assert!(outer.contains(expected), "{outer}");
    }
    let last = &receiver.received.lock().unwrap().good.last().unwrap().1.clone();
    let inner: serde_json::Value = serde_json::from_str(last).unwrap();
    assert_eq!((&inner["UserID"], &inner["CreateTime"]), (&"lihua".into(), &NOW.into()));
}

#[actix_web::test]
async fn dropped_and_reordered() {
    let (stage, receiver) = configured().await;
    let drop = Delivery {
        drop: true,
        ..Delivery::default()
    };
    assert_eq!(stage.sim.emit(CORP, Owner::Contacts, leaver(), drop).await.attempts, 0);
    let hold = Delivery {
        reorder: true,
        ..Delivery::default()
    };
    assert!(stage.sim.emit(CORP, Owner::Contacts, leaver(), hold).await.held);
    let second = Event::DeleteUser {
        userid: "wangwu".to_owned(),
    };
    assert_eq!(
        stage
            .sim
            .emit(CORP, Owner::Contacts, second, Delivery::default())
            .await
            .attempts,
        2
    );
    let received = receiver.received.lock().unwrap();
    let order: Vec<bool> = received
        .good
        .iter()
        .map(|(_, message)| message.contains("wangwu"))
        .collect();
    assert_eq!(order, [true, false]);
}

#[actix_web::test]
async fn every_tampering_is_noticed_by_a_careful_receiver() {
    let (stage, receiver) = configured().await;
    let kinds = [
        Tamper::Signature,
        Tamper::Key,
        Tamper::ReceiveId,
        Tamper::Length,
        Tamper::Padding,
        Tamper::Base64,
        Tamper::Stale,
    ];
    for (done, tamper) in kinds.into_iter().enumerate() {
        let delivery = Delivery {
            tamper: Some(tamper),
            ..Delivery::default()
        };
        let report = stage.sim.emit(CORP, Owner::Contacts, leaver(), delivery).await;
        assert_eq!(report.statuses, [403; 4], "{tamper:?}");
        assert_eq!(receiver.received.lock().unwrap().refused, (done + 1) * 4);
    }
    assert!(receiver.received.lock().unwrap().good.is_empty());
}

#[actix_web::test]
async fn app_events_name_the_member_and_the_app() {
    let (stage, receiver) = (sample().await, receiver().await);
    stage
        .sim
        .configure_callback(CORP, Owner::App(AGENT_ID), &receiver.url, TOKEN, KEY)
        .await
        .unwrap();
    let event = Event::Unsubscribe {
        userid: "lihua".to_owned(),
    };
    stage
        .sim
        .emit(CORP, Owner::App(AGENT_ID), event, Delivery::default())
        .await;
    let message = receiver.received.lock().unwrap().good[0].1.clone();
    assert!(message.contains("<FromUserName><![CDATA[lihua]]></FromUserName>"));
    assert!(message.contains("<Event><![CDATA[unsubscribe]]></Event>"));
    assert!(message.contains(&format!("<AgentID>{AGENT_ID}</AgentID>")));
}

#[actix_web::test]
async fn without_a_callback_nothing_is_sent() {
    let stage = sample().await;
    assert_eq!(
        stage
            .sim
            .emit(CORP, Owner::Contacts, leaver(), Delivery::default())
            .await
            .attempts,
        0
    );
}

#[actix_web::test]
async fn the_desk_tells_of_leavers() {
    let (stage, receiver) = configured().await;
    stage
        .sim
        .configure_callback(CORP, Owner::App(AGENT_ID), &receiver.url, TOKEN, KEY)
        .await
        .unwrap();
    stage
        .submit("/desk", &[("corp", CORP), ("userid", "lihua"), ("action", "disable")])
        .await;
    stage
        .submit("/desk", &[("corp", CORP), ("userid", "lihua"), ("action", "leave")])
        .await;
    let told = receiver.told(&["Event", "ChangeType"]);
    assert_eq!(told, [["unsubscribe", ""], ["change_contact", "delete_user"]]);
}

#[actix_web::test]
async fn events_of_app_activity_carry_the_app_and_their_date() {
    let (stage, receiver) = (sample().await, receiver().await);
    let owner = Owner::App(AGENT_ID);
    stage
        .sim
        .configure_callback(CORP, owner, &receiver.url, TOKEN, KEY)
        .await
        .unwrap();
    let effect_time = NOW + 86_400;
    let events = [
        (Event::InactiveAlert { effect_time }, "inactive_alert", true),
        (Event::CloseInactiveAgent, "close_inactive_agent", false),
        (Event::ReopenInactiveAgent, "reopen_inactive_agent", false),
        (Event::LowActiveAlert { effect_time }, "low_active_alert", true),
        (Event::LowActive, "low_active", false),
        (Event::ActiveRestored, "active_restored", false),
    ];
    for (event, name, dated) in events {
        receiver.received.lock().unwrap().good.clear();
        stage.sim.emit(CORP, owner, event, Delivery::default()).await;
        let date = if dated { effect_time.to_string() } else { String::new() };
        let expected = [name.to_owned(), "sys".to_owned(), date, AGENT_ID.to_string()];
        let told = receiver.told(&["Event", "FromUserName", "EffectTime", "AgentID"]);
        assert_eq!(told, [expected]);
    }
    let userid = "lihua".to_owned();
    receiver.received.lock().unwrap().good.clear();
    stage
        .sim
        .emit(CORP, owner, Event::UnlicensedNotify { userid }, Delivery::default())
        .await;
    let told = receiver.told(&["Event", "FromUserName"]);
    assert_eq!(told, [["unlicensed_notify", "lihua"]]);
}
