//! Who pressed, and what: only those who may decide get buttons, and a press of a card that was not sent to them by this app about this request
//! decides nothing, whoever they are, and they are told why.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{Delivery, Event, Owner, sample};

use super::{
    applied, apply, asking,
    cards::{connect_callback, shown, told_by_cards, with_cards},
    imported, link, name_approver, notices, standing, tick,
};
use crate::{
    actors::{id, text},
    fixture::Fixture,
    scenario,
};

/// A press as WeCom would tell it, of whatever card, at the callback of this app.
async fn told(fixture: &Fixture, (corp, agent): (&str, u32), (userid, task): (&str, &str), key: &str) {
    let event = Event::TemplateCard {
        userid: userid.to_owned(),
        task_id: task.to_owned(),
        event_key: key.to_owned(),
        card_type: "button_interaction".to_owned(),
        response_code: String::new(),
    };
    let emitted = fixture
        .wecom
        .emit(corp, Owner::App(agent), event, Delivery::default())
        .await;
    assert_eq!(emitted.statuses, [200], "the callback takes it");
}

/// The task id of the last card on somebody's phone.
fn task(fixture: &Fixture, userid: &str) -> String {
    shown(fixture, userid).task_id.unwrap()
}

scenario!(
    buttons_go_to_those_who_may_decide_and_to_others_the_link,
    |fixture: Fixture| async move {
        let (_, portal) = with_cards(&fixture).await;
        applied(&fixture, &portal).await;
        tick(&fixture).await;
        shown(&fixture, sample::ADMIN);
        let bystander = fixture.wecom.messages();
        let bystander: Vec<_> = bystander
            .iter()
            .filter(|message| message.userid == sample::BY_PICK)
            .collect();
        assert_eq!(
            (
                bystander.len(),
                bystander[0].msgtype.as_str(),
                bystander[0].buttons.len()
            ),
            (1, "textcard", 0)
        );
        assert!(
            text(&bystander[0].content, "url").contains("/access-requests/"),
            "{bystander:?}"
        );
    }
);

scenario!(
    who_decides_no_more_is_told_so_when_they_press,
    |fixture: Fixture| async move {
        let (source, portal) = with_cards(&fixture).await;
        let (_, request) = applied(&fixture, &portal).await;
        tick(&fixture).await;
        let card = shown(&fixture, sample::ADMIN).id;
        let path = format!("data-sources/{}", id(&source));
        fixture.admin().change(&path, json!({ "approvers": [] })).await;
        fixture.wecom.press(card, "approve", Delivery::default()).await.unwrap();
        tick(&fixture).await;
        assert_eq!(standing(&fixture, &request).await["state"], "open");
        tick(&fixture).await;
        let told = notices(&fixture, "access_press_refused").await;
        assert!(told.len() == 1 && told[0].facts["what"].contains("AR-109"), "{told:?}");
        assert_eq!(told[0].facts["case"], "not_theirs");
        let phone = fixture.wecom.messages();
        assert!(
            phone
                .iter()
                .any(|message| message.userid == sample::ADMIN && format!("{message:?}").contains("AR-109")),
            "{phone:?}"
        );
    }
);

scenario!(
    who_presses_on_and_on_is_told_once_an_hour_and_again_when_the_reason_is_another,
    |fixture: Fixture| async move {
        let (source, portal) = with_cards(&fixture).await;
        applied(&fixture, &portal).await;
        tick(&fixture).await;
        let card = task(&fixture, sample::ADMIN);
        let path = format!("data-sources/{}", id(&source));
        fixture.admin().change(&path, json!({ "approvers": [] })).await;
        let press = async || {
            let here = (sample::CORP, sample::AGENT_ID);
            told(&fixture, here, (sample::ADMIN, card.as_str()), "approve").await;
            tick(&fixture).await;
            notices(&fixture, "access_press_refused").await.len()
        };
        for _ in 0..5 {
            assert_eq!(press().await, 1);
            fixture.advance(Duration::from_secs(60));
        }
        fixture.advance(Duration::from_secs(3600));
        assert_eq!(press().await, 2, "an hour later");
        // Another button is another press.
        let here = (sample::CORP, sample::AGENT_ID);
        told(&fixture, here, (sample::ADMIN, card.as_str()), "refuse").await;
        tick(&fixture).await;
        assert_eq!(notices(&fixture, "access_press_refused").await.len(), 3);
        assert_eq!(press().await, 3);
    }
);

// Each of these is signed by the key of a callback of ours, and its member is an approver: nothing but whose card it is keeps it from deciding.
scenario!(
    a_press_of_a_card_that_was_not_sent_to_the_approver_decides_nothing,
    |fixture: Fixture| async move {
        let (source, portal) = asking(&fixture).await;
        connect_callback(&fixture, &source).await;
        let mut approvers = Vec::new();
        for userid in [sample::ADMIN, sample::BY_PICK] {
            approvers.push(imported(&fixture, userid).await);
        }
        let named: Vec<&str> = approvers.iter().map(id).collect();
        let path = format!("data-sources/{}", id(&source));
        fixture.admin().change(&path, json!({ "approvers": named })).await;
        told_by_cards(&fixture, &source, &[sample::BY_PICK]).await;
        let (_, request) = applied(&fixture, &portal).await;
        tick(&fixture).await;
        let theirs = task(&fixture, sample::BY_PICK);
        apply(&fixture, &portal, &fixture.browser(), sample::BY_TAG, "").await;
        tick(&fixture).await;
        let other = task(&fixture, sample::BY_PICK);
        let (this, _) = theirs.split_once('@').unwrap();
        let (_, sent_about_another) = other.split_once('@').unwrap();
        let here = (sample::CORP, sample::AGENT_ID);
        for (userid, forged) in [
            // Somebody else's card, forwarded.
            (sample::ADMIN, theirs.clone()),
            // Never sent.
            (sample::BY_PICK, this.to_owned()),
            (sample::BY_PICK, format!("{this}@{}", "0".repeat(32))),
            // Sent about another request.
            (sample::BY_PICK, format!("{this}@{sent_about_another}")),
        ] {
            told(&fixture, here, (userid, forged.as_str()), "approve").await;
            tick(&fixture).await;
            assert_eq!(standing(&fixture, &request).await["state"], "open", "{userid} {forged}");
        }
        let told_of = notices(&fixture, "access_press_refused").await;
        assert_eq!(told_of.len(), 4, "{told_of:?}");
        for notice in &told_of {
            assert!(notice.facts["what"].contains("AR-119"), "{notice:?}");
            assert!(
                notice.path.is_none() && !notice.facts.contains_key("userid"),
                "nothing of the request: {notice:?}"
            );
        }
        let on_record = fixture
            .admin()
            .items("audit-events?kind=access_request.press_refused")
            .await;
        assert_eq!(on_record.len(), 4, "{on_record:?}");
        // Their own decides.
        told(&fixture, here, (sample::BY_PICK, theirs.as_str()), "approve").await;
        tick(&fixture).await;
        assert_eq!(standing(&fixture, &request).await["state"], "approved");
    }
);

scenario!(
    a_press_at_the_callback_of_another_app_or_corp_decides_nothing,
    |fixture: Fixture| async move {
        let (source, portal) = with_cards(&fixture).await;
        let (_, request) = applied(&fixture, &portal).await;
        tick(&fixture).await;
        let sent = task(&fixture, sample::ADMIN);
        // Another corp, which has somebody of the same member ID.
        let second = fixture.connect_second(json!({})).await;
        let issued = format!("data-sources/{}/callbacks", id(&second));
        let issued = fixture.admin().create(&issued, json!({ "owner": "app" })).await;
        configure(&fixture, (sample::CORP2, sample::AGENT_ID2), &issued).await;
        told(
            &fixture,
            (sample::CORP2, sample::AGENT_ID2),
            (sample::ADMIN, sent.as_str()),
            "approve",
        )
        .await;
        tick(&fixture).await;
        assert_eq!(standing(&fixture, &request).await["state"], "open", "another corp");
        // Another app of the same corp, which is the integration app by now.
        let path = format!("data-sources/{}", id(&source));
        let other = json!({ "app": { "agent_id": sample::OLD_AGENT_ID, "secret": sample::OLD_APP_SECRET } });
        fixture.admin().change(&path, other).await;
        let callbacks = format!("{path}/callbacks");
        for known in fixture.admin().items(&callbacks).await {
            let known = format!("{callbacks}/{}", id(&known));
            fixture.admin().call("DELETE", &known, None).await;
        }
        let issued = fixture.admin().create(&callbacks, json!({ "owner": "app" })).await;
        configure(&fixture, (sample::CORP, sample::OLD_AGENT_ID), &issued).await;
        told(
            &fixture,
            (sample::CORP, sample::OLD_AGENT_ID),
            (sample::ADMIN, sent.as_str()),
            "approve",
        )
        .await;
        tick(&fixture).await;
        assert_eq!(standing(&fixture, &request).await["state"], "open", "another app");
        let refused = notices(&fixture, "access_press_refused").await;
        assert!(
            refused.len() == 2
                && refused
                    .iter()
                    .all(|notice| notice.facts["what"].contains("AR-119") && !format!("{notice:?}").contains("李华")),
            "{refused:?}"
        );
    }
);

async fn configure(fixture: &Fixture, (corp, agent): (&str, u32), issued: &Value) {
    let saved = fixture.wecom.configure_callback(
        corp,
        Owner::App(agent),
        text(issued, "url"),
        text(issued, "token"),
        text(issued, "encoding_aes_key"),
    );
    saved.await.unwrap();
}

// Whose card is being sent cannot be judged yet; whatever number of such presses there is, the others are not held up.
scenario!(
    presses_that_cannot_be_judged_yet_hold_up_no_others,
    |fixture: Fixture| async move {
        let (source, portal) = with_cards(&fixture).await;
        let channel = fixture.admin().items("notice-channels").await.remove(0);
        let night = json!({
            "channel_id": id(&channel), "address": sample::BY_PICK, "topics": ["access_requested"],
            "quiet_from": 0, "quiet_to": 1439, "utc_offset": 0,
        });
        fixture.admin().create("notice-subscriptions", night).await;
        let night_owl = fixture.admin().user(sample::BY_PICK).await;
        let day = fixture.admin().user(sample::ADMIN).await;
        let path = format!("data-sources/{}", id(&source));
        let both = json!({ "approvers": [id(&day), id(&night_owl)] });
        fixture.admin().change(&path, both).await;
        let (_, request) = applied(&fixture, &portal).await;
        tick(&fixture).await;
        let told_of = fixture.admin().items("notices?topic=access_requested").await.remove(0);
        let held = told_of["deliveries"].as_array().unwrap();
        let held = held.iter().find(|delivery| delivery["state"] == "held").unwrap();
        let delivery = id(held).replace('-', "");
        let sent = task(&fixture, sample::ADMIN);
        let (this, _) = sent.split_once('@').unwrap();
        let unsent = format!("{this}@{delivery}");
        let here = (sample::CORP, sample::AGENT_ID);
        for number in 0..101 {
            let key = format!("key{number}");
            told(&fixture, here, (sample::BY_PICK, unsent.as_str()), &key).await;
        }
        told(&fixture, here, (sample::ADMIN, sent.as_str()), "refuse").await;
        tick(&fixture).await;
        assert_eq!(standing(&fixture, &request).await["state"], "refused");
    }
);

scenario!(
    quiet_hours_do_not_eat_the_day_of_the_link,
    |fixture: Fixture| async move {
        let (source, portal) = asking(&fixture).await;
        let approver = imported(&fixture, sample::ADMIN).await;
        name_approver(&fixture, &source, &approver).await;
        let channel = json!({ "kind": "wecom", "name": "企业微信", "data_source_id": id(&source) });
        let channel = fixture.admin().create("notice-channels", channel).await;
        let night = json!({
            "channel_id": id(&channel), "address": sample::ADMIN, "topics": ["access_requested"],
            "quiet_from": 0, "quiet_to": 1439, "utc_offset": 0,
        });
        fixture.admin().create("notice-subscriptions", night).await;
        let (_, request) = applied(&fixture, &portal).await;
        tick(&fixture).await;
        let told_of = fixture.admin().items("notices?topic=access_requested").await.remove(0);
        assert_eq!(told_of["deliveries"][0]["state"], "held", "{told_of}");
        let address = link(&fixture).await;
        let made = request["link_expires_at"].as_i64().unwrap();
        // The one minute of the day at which they may be told.
        let of_day = fixture.clock.now().millis().rem_euclid(24 * 3_600_000);
        let wait = u64::try_from((1439 * 60_000 - of_day).rem_euclid(24 * 3_600_000)).unwrap();
        fixture.advance(Duration::from_millis(wait));
        tick(&fixture).await;
        let got = standing(&fixture, &request).await["link_expires_at"].as_i64().unwrap();
        assert!(got >= made + i64::try_from(wait).unwrap(), "{made} {got}");
        fixture.advance(Duration::from_secs(24 * 3600 - 60));
        let page = fixture.browser().open(&address).await;
        assert!(page.body.contains("This link works until"), "{}", page.body);
        fixture.advance(Duration::from_secs(120));
        let page = fixture.browser().open(&address).await;
        assert!(page.body.contains("This link has expired"), "{}", page.body);
    }
);
