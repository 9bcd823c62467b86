//! Notices over WeCom apps, and cards with buttons: who gets what on their phone, what is known of it, and what pressing brings about.

use std::{collections::BTreeMap, time::Duration};

use menjin::notices::{Card, NewNotice, To, Topic, settle_cards};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use simulator::{Delivery, Message, Owner, Tamper, sample};

use super::{asked, notices, sealer, subscribe, tell, tick};
use crate::{
    actors::{id, text},
    fixture::Fixture,
    scenario,
};

const SUBJECT: &str = "access_request:test";

/// A channel over the app of this data source.
async fn channel(fixture: &Fixture, source: &Value) -> String {
    let channel = json!({ "kind": "wecom", "name": "企业微信", "data_source_id": id(source) });
    let channel = fixture.admin().create("notice-channels", channel).await;
    id(&channel).to_owned()
}

/// Makes a callback for the integration app and saves it in WeCom's console.
async fn connect_app_callback(fixture: &Fixture, source: &Value) {
    let path = format!("data-sources/{}/callbacks", id(source));
    let issued = fixture.admin().create(&path, json!({ "owner": "app" })).await;
    let (url, token, key) = (
        text(&issued, "url"),
        text(&issued, "token"),
        text(&issued, "encoding_aes_key"),
    );
    let owner = Owner::App(sample::AGENT_ID);
    let saved = fixture.wecom.configure_callback(sample::CORP, owner, url, token, key);
    saved.await.unwrap();
}

/// Somebody asks to come in: approvers are told with a card.
fn request(source: &Value) -> NewNotice {
    NewNotice {
        topic: Topic::AccessRequested,
        data_source: Some(id(source).parse().unwrap()),
        subject: SUBJECT.to_owned(),
        facts: BTreeMap::from([("userid".to_owned(), "wangwu".to_owned())]),
        path: Some("/access-requests/token".to_owned()),
        card: Some(Card {
            task_id: "access_request-test".to_owned(),
            pressers: [sample::NORMAL, sample::ADMIN].map(str::to_owned).to_vec(),
        }),
        to: To::Subscribers,
        until: None,
    }
}

/// Somebody's messages, the newest last.
fn messages(fixture: &Fixture, userid: &str) -> Vec<Message> {
    let all = fixture.wecom.messages().into_iter();
    all.filter(|message| message.userid == userid).collect()
}

async fn pressed(fixture: &Fixture) -> i64 {
    let reader = fixture.app.database().reader();
    let count = Statement::from_string(
        reader.get_database_backend(),
        "SELECT COUNT(*) AS found FROM card_event",
    );
    let row = reader.query_one_raw(count).await.unwrap().unwrap();
    row.try_get("", "found").unwrap()
}

/// Approvers 李华 and 张三, told by cards of an app that hears what is pressed.
async fn approvers(fixture: &Fixture) -> Value {
    let source = fixture.connect().await;
    connect_app_callback(fixture, &source).await;
    let channel = channel(fixture, &source).await;
    for userid in [sample::NORMAL, sample::ADMIN] {
        let topics = json!({ "address": userid, "topics": ["access_requested"] });
        subscribe(fixture, &channel, topics).await;
    }
    source
}

/// 张三 refuses; its cards are to say so.
async fn refuse(fixture: &Fixture) {
    let decided = [("outcome", "refused"), ("decided_by", "zhangsan")];
    let decided = decided.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let transaction = fixture.app.database().begin().await.unwrap();
    let now = fixture.clock.now();
    settle_cards(&transaction, &sealer(fixture), now, SUBJECT, &decided)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
}

scenario!(
    members_are_told_over_their_app_and_what_became_of_it_is_shown,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let channel = channel(&fixture, &source).await;
        subscribe(&fixture, &channel, json!({ "address": sample::NORMAL })).await;
        tell(&fixture, &asked("matter:1", "Li <Hua>")).await;
        tick(&fixture).await;
        let message = messages(&fixture, sample::NORMAL).remove(0);
        assert_eq!(
            (message.agentid, message.msgtype.as_str()),
            (sample::AGENT_ID, "textcard")
        );
        assert!(text(&message.content, "url").starts_with(&format!("{}/console#", fixture.base)));
        assert!(text(&message.content, "description").contains("Li &lt;Hua&gt;"));
        let told = notices(&fixture, "").await.remove(0);
        let delivery = &told["deliveries"][0];
        assert_eq!(delivery["state"], "delivered", "{told}");
        assert_eq!(text(delivery, "provider_id"), message.msgid);
        tell(&fixture, &asked("matter:1", "Li <Hua>")).await;
        tick(&fixture).await;
        assert_eq!(
            messages(&fixture, sample::NORMAL).len(),
            2,
            "another notice of the same words is no repetition"
        );
    }
);

scenario!(
    whom_wecom_does_not_reach_and_what_an_admin_must_mend_have_their_sentences,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let channel = channel(&fixture, &source).await;
        subscribe(&fixture, &channel, json!({ "address": sample::OUT_OF_SCOPE })).await;
        tell(&fixture, &asked("matter:1", "one")).await;
        tick(&fixture).await;
        let delivery = notices(&fixture, "").await[0]["deliveries"][0].clone();
        assert_eq!(delivery["state"], "failed", "{delivery}");
        assert!(text(&delivery, "last_error").starts_with("WC-191"), "{delivery}");
        subscribe(
            &fixture,
            &channel,
            json!({ "address": sample::NORMAL, "topics": ["access_requested"] }),
        )
        .await;
        fixture.edit_corp(|corp| {
            let app = corp.apps.get_mut(&sample::AGENT_ID).unwrap();
            app.trusted_ips = Some(vec!["192.0.2.1".to_owned()]);
        });
        // Notices of one millisecond have no order.
        fixture.advance(Duration::from_secs(1));
        tell(&fixture, &asked("matter:2", "two")).await;
        tick(&fixture).await;
        let newest = notices(&fixture, "").await.remove(0);
        let mine = |notice: &Value| {
            let all = notice["deliveries"].as_array().unwrap().clone();
            all.into_iter()
                .find(|delivery| delivery["address"] == sample::NORMAL)
                .unwrap()
        };
        // What is wrong with the app holds up everything that is due by it, so it is asked once.
        let all = newest["deliveries"].as_array().unwrap();
        assert!(all.iter().all(|delivery| delivery["state"] == "pending"), "{newest}");
        let tried: Vec<&Value> = all.iter().filter(|delivery| delivery["attempts"] == 1).collect();
        assert_eq!(tried.len(), 1, "{newest}");
        let delivery = tried[0];
        assert_eq!(delivery["last_status"], 60020, "{newest}");
        let error = text(delivery, "last_error");
        assert!(error.starts_with("WC-120") && error.contains("127.0.0.1"), "{error}");
        fixture.edit_corp(|corp| corp.apps.get_mut(&sample::AGENT_ID).unwrap().trusted_ips = None);
        fixture.advance(Duration::from_secs(60));
        tick(&fixture).await;
        assert_eq!(mine(&notices(&fixture, "").await[0])["state"], "delivered");
        assert_eq!(messages(&fixture, sample::NORMAL).len(), 1);
    }
);

scenario!(
    approvers_get_cards_whose_presses_are_recorded_once_and_forged_ones_never,
    |fixture: Fixture| async move {
        let source = approvers(&fixture).await;
        tell(&fixture, &request(&source)).await;
        tick(&fixture).await;
        let card = messages(&fixture, sample::ADMIN).remove(0);
        assert_eq!(card.buttons.len(), 2, "{card:?}");
        for tamper in [Tamper::Signature, Tamper::Key, Tamper::ReceiveId, Tamper::Stale] {
            let delivery = Delivery {
                tamper: Some(tamper),
                ..Delivery::default()
            };
            let told = fixture.wecom.press(card.id, "approve", delivery).await.unwrap();
            let refused = told.report.statuses.iter().all(|status| (400..500).contains(status));
            assert!(refused, "{tamper:?}: {:?}", told.report.statuses);
        }
        assert_eq!(pressed(&fixture).await, 0);
        let twice = Delivery {
            duplicate: true,
            ..Delivery::default()
        };
        let told = fixture.wecom.press(card.id, "approve", twice).await.unwrap();
        assert_eq!(told.report.statuses, [200, 200]);
        assert_eq!(pressed(&fixture).await, 1);
        fixture.advance(Duration::from_secs(31 * 24 * 3600));
        tick(&fixture).await;
        assert_eq!(pressed(&fixture).await, 0, "nothing asks about it any more");
    }
);

scenario!(
    the_cards_of_a_decided_matter_lose_their_buttons_on_every_phone,
    |fixture: Fixture| async move {
        let source = approvers(&fixture).await;
        tell(&fixture, &request(&source)).await;
        tick(&fixture).await;
        refuse(&fixture).await;
        // WeCom is away meanwhile.
        fixture.break_wecom("/cgi-bin/message/update_template_card");
        tick(&fixture).await;
        fixture.mend_wecom();
        fixture.advance(Duration::from_secs(5));
        tick(&fixture).await;
        for userid in [sample::NORMAL, sample::ADMIN] {
            let card = messages(&fixture, userid).remove(0);
            assert!(card.buttons.is_empty(), "{card:?}");
            assert_eq!(card.content["sub_title_text"], "Refused by zhangsan");
            assert!(
                fixture
                    .wecom
                    .press(card.id, "approve", Delivery::default())
                    .await
                    .is_none()
            );
        }
    }
);

scenario!(
    a_second_test_within_half_an_hour_is_a_second_message,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let channel = channel(&fixture, &source).await;
        let path = format!("notice-channels/{channel}/test");
        for sent in [1, 2] {
            let test = json!({ "address": sample::NORMAL, "language": "en" });
            let tried = fixture.admin().create(&path, test).await;
            assert_eq!(tried["deliveries"][0]["state"], "delivered", "{tried}");
            assert_eq!(messages(&fixture, sample::NORMAL).len(), sent);
            fixture.advance(Duration::from_secs(600));
        }
        let told = messages(&fixture, sample::NORMAL);
        assert_ne!(told[0].content, told[1].content);
    }
);

scenario!(
    a_card_that_cannot_be_sent_again_still_loses_its_buttons,
    |fixture: Fixture| async move {
        let source = approvers(&fixture).await;
        tell(&fixture, &request(&source)).await;
        tick(&fixture).await;
        fixture.break_wecom("/cgi-bin/message/send");
        let notice = notices(&fixture, "").await.remove(0);
        let path = format!("notices/{}/resend", id(&notice));
        for delivery in notice["deliveries"].as_array().unwrap() {
            fixture
                .admin()
                .create(&path, json!({ "delivery_id": id(delivery) }))
                .await;
        }
        tick(&fixture).await;
        refuse(&fixture).await;
        tick(&fixture).await;
        for userid in [sample::NORMAL, sample::ADMIN] {
            let card = messages(&fixture, userid).remove(0);
            assert!(card.buttons.is_empty(), "{card:?}");
        }
    }
);
