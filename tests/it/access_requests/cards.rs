//! Cards on approvers' phones: pressing *approve* lets the person in, applied once; forged, replayed and foreign presses, and those of whoever is no
//! approver, decide nothing.

use futures_util::future::{join_all, join3};
use serde_json::{Value, json};
use simulator::{Delivery, Message, Owner, Tamper, sample};

use super::{applied, asking, decide, imported, link, name_approver, notices, standing, tick};
use crate::{
    actors::{Portal, id, text},
    console::at_work,
    fixture::Fixture,
    scenario,
};

/// Makes a callback for the integration app and saves it in WeCom's console.
pub async fn connect_callback(fixture: &Fixture, source: &Value) {
    let path = format!("data-sources/{}/callbacks", id(source));
    let issued = fixture.admin().create(&path, json!({ "owner": "app" })).await;
    let owner = Owner::App(sample::AGENT_ID);
    let saved = fixture.wecom.configure_callback(
        sample::CORP,
        owner,
        text(&issued, "url"),
        text(&issued, "token"),
        text(&issued, "encoding_aes_key"),
    );
    saved.await.unwrap();
}

/// These members are told of requests by English cards over the company's app.
pub async fn told_by_cards(fixture: &Fixture, source: &Value, userids: &[&str]) {
    told_by_cards_in(fixture, source, userids, "en").await;
}

/// The same in this language.
pub async fn told_by_cards_in(fixture: &Fixture, source: &Value, userids: &[&str], lang: &str) {
    let channel = json!({ "kind": "wecom", "name": "企业微信", "data_source_id": id(source) });
    let channel = fixture.admin().create("notice-channels", channel).await;
    for userid in userids {
        let told =
            json!({ "channel_id": id(&channel), "address": userid, "topics": ["access_requested"], "language": lang });
        fixture.admin().create("notice-subscriptions", told).await;
    }
}

/// A company whose approver 张三 is told by cards, and a bystander too; the portal.
pub async fn with_cards(fixture: &Fixture) -> (Value, Portal) {
    let (source, portal) = asking(fixture).await;
    connect_callback(fixture, &source).await;
    let approver = imported(fixture, sample::ADMIN).await;
    imported(fixture, sample::BY_PICK).await;
    name_approver(fixture, &source, &approver).await;
    told_by_cards(fixture, &source, &[sample::ADMIN, sample::BY_PICK]).await;
    (source, portal)
}

/// The number of the last card on somebody's phone.
fn card(fixture: &Fixture, userid: &str) -> u64 {
    shown(fixture, userid).id
}

/// The last card with buttons on somebody's phone.
pub fn shown(fixture: &Fixture, userid: &str) -> Message {
    let messages = fixture.wecom.messages().into_iter();
    let mut cards = messages.filter(|message| message.userid == userid && !message.buttons.is_empty());
    cards.next_back().unwrap_or_else(|| panic!("{userid} got no card"))
}

async fn press(fixture: &Fixture, card: u64, key: &str) {
    let pressed = fixture.wecom.press(card, key, Delivery::default()).await.unwrap();
    assert_eq!(pressed.report.statuses, [200], "the callback takes it");
}

scenario!(
    an_approver_presses_approve_and_the_persons_phone_gets_the_word,
    |fixture: Fixture| async move {
        let (_, portal) = with_cards(&fixture).await;
        let (browser, request) = applied(&fixture, &portal).await;
        tick(&fixture).await;
        press(&fixture, card(&fixture, sample::ADMIN), "approve").await;
        tick(&fixture).await;
        let over = standing(&fixture, &request).await;
        let approver = fixture.admin().user_id(sample::ADMIN).await;
        assert_eq!(
            (&over["state"], &over["decided_by"], &over["username"]),
            (
                &json!("approved"),
                &json!(format!("user:{approver}")),
                &json!(sample::NORMAL)
            )
        );
        // The word, and cards without buttons on every phone.
        tick(&fixture).await;
        let messages = fixture.wecom.messages();
        let word = messages
            .iter()
            .find(|message| message.userid == sample::NORMAL)
            .unwrap();
        let url = word.content["url"].as_str().unwrap_or_default();
        assert!(url.contains("/access-request/enter/"), "{word:?}");
        let left: Vec<_> = messages.iter().filter(|message| !message.buttons.is_empty()).collect();
        assert!(left.is_empty(), "{left:?}");
        portal.tokens(&fixture, &browser, sample::NORMAL).await;
    }
);

scenario!(
    forged_foreign_and_repeated_presses_decide_nothing,
    |fixture: Fixture| async move {
        let (source, portal) = with_cards(&fixture).await;
        let (_, request) = applied(&fixture, &portal).await;
        tick(&fixture).await;
        let own = card(&fixture, sample::ADMIN);
        for tamper in [Tamper::Signature, Tamper::Key, Tamper::ReceiveId, Tamper::Stale] {
            let delivery = Delivery {
                tamper: Some(tamper),
                ..Delivery::default()
            };
            fixture.wecom.press(own, "approve", delivery).await.unwrap();
        }
        tick(&fixture).await;
        assert_eq!(standing(&fixture, &request).await["state"], "open", "forged");
        // An approver who is out.
        fixture.admin().disable(sample::ADMIN).await;
        press(&fixture, own, "approve").await;
        tick(&fixture).await;
        assert_eq!(
            standing(&fixture, &request).await["state"],
            "open",
            "an approver who is out"
        );
        let user = fixture.admin().user(sample::ADMIN).await;
        let path = format!("users/{}", id(&user));
        fixture.admin().change(&path, json!({ "status": "active" })).await;
        name_approver(&fixture, &source, &user).await;
        let twice = Delivery {
            duplicate: true,
            ..Delivery::default()
        };
        fixture.wecom.press(own, "refuse", twice).await.unwrap();
        tick(&fixture).await;
        assert_eq!(standing(&fixture, &request).await["state"], "refused");
        tick(&fixture).await;
        assert_eq!(notices(&fixture, "access_refused").await.len(), 1);
        assert_eq!(notices(&fixture, "access_approved").await.len(), 0);
    }
);

scenario!(
    a_card_whose_approval_cannot_be_carried_out_leaves_the_request_open,
    |fixture: Fixture| async move {
        let (_, portal) = with_cards(&fixture).await;
        let taken = json!({ "username": sample::NORMAL });
        fixture.admin().create("users", taken).await;
        let (browser, request) = applied(&fixture, &portal).await;
        tick(&fixture).await;
        press(&fixture, card(&fixture, sample::ADMIN), "approve").await;
        tick(&fixture).await;
        assert_eq!(standing(&fixture, &request).await["state"], "open");
        // Whoever pressed is told what hindered, with the link; and it is on record.
        let told = notices(&fixture, "access_press_refused").await;
        assert_eq!(told.len(), 1, "{told:?}");
        let (what, path) = (&told[0].facts["what"], told[0].path.as_deref());
        assert!(what.contains("DI-105"), "{told:?}");
        assert!(
            path.is_some_and(|path| path.starts_with("/access-requests/")),
            "{told:?}"
        );
        let kind = "audit-events?kind=access_request.press_refused";
        let events = fixture.admin().items(kind).await;
        assert_eq!(events.len(), 1, "{events:?}");
        assert_eq!(events[0]["subject"], format!("access_request:{}", id(&request)));
        let actor = format!("member:{}/{}", sample::CORP, sample::ADMIN);
        assert_eq!(events[0]["actor"], actor, "{events:?}");
        let approved = decide(&fixture, &request, "approve", json!({ "username": "li.hua" })).await;
        assert_eq!(approved.status, 200, "{}", approved.body);
        portal.tokens(&fixture, &browser, sample::NORMAL).await;
    }
);

scenario!(
    whom_an_admin_removed_a_card_does_not_let_in_again,
    |fixture: Fixture| async move {
        let (_, portal) = with_cards(&fixture).await;
        let user = imported(&fixture, sample::NORMAL).await;
        let removed = fixture
            .admin()
            .call("DELETE", &format!("users/{}", id(&user)), None)
            .await;
        assert_eq!(removed.status, 204, "{}", removed.body);
        let (browser, request) = applied(&fixture, &portal).await;
        tick(&fixture).await;
        press(&fixture, card(&fixture, sample::ADMIN), "approve").await;
        tick(&fixture).await;
        assert_eq!(standing(&fixture, &request).await["state"], "open");
        let told = notices(&fixture, "access_press_refused").await;
        assert!(told.len() == 1 && told[0].facts["what"].contains("AR-118"), "{told:?}");
        let approved = decide(&fixture, &request, "approve", json!({})).await;
        assert_eq!(approved.status, 200, "{}", approved.body);
        portal.tokens(&fixture, &browser, sample::NORMAL).await;
    }
);

scenario!(
    of_a_hundred_decisions_by_card_console_link_and_api_one_wins,
    |fixture: Fixture| async move {
        let (_, portal) = with_cards(&fixture).await;
        let (_, request) = applied(&fixture, &portal).await;
        let operator = at_work(&fixture, "operator").await;
        let address = link(&fixture).await;
        let linked = operator.open(&address).await.field("confirm");
        let at = format!("{}/console/requests/{}", fixture.base, id(&request));
        let page = operator.open(&at).await;
        let (confirm, version) = (page.field("confirm"), page.field("version"));
        tick(&fixture).await;
        press(&fixture, card(&fixture, sample::ADMIN), "approve").await;
        // All but the card refuse, so that the state tells who won.
        let (operator, request, address, at) = (&operator, &request, &address, &at);
        let (linked, confirm, version, fixture) = (&linked, &confirm, &version, &fixture);
        let tries = (0..99).map(|number| async move {
            match number % 3 {
                0 => decide(fixture, request, "refuse", json!({})).await.status,
                1 => {
                    let form = [("confirm", linked.as_str())];
                    operator.post(&format!("{address}/refuse"), &form).await.status
                }
                _ => {
                    let form = [("confirm", confirm.as_str()), ("version", version.as_str())];
                    operator.post(&format!("{at}/refuse"), &form).await.status
                }
            }
        });
        // Two replicas act on the press.
        let (statuses, ..) = join3(join_all(tries), Box::pin(tick(fixture)), Box::pin(tick(fixture))).await;
        let by_form = statuses.iter().filter(|status| matches!(status, 200 | 303)).count();
        let by_card = usize::from(standing(fixture, request).await["state"] == "approved");
        assert_eq!(by_form + by_card, 1, "{statuses:?}");
        let told = (
            notices(fixture, "access_approved").await.len(),
            notices(fixture, "access_refused").await.len(),
        );
        assert_eq!(told, (by_card, by_form));
        let users = fixture.admin().items(&format!("users?q={}", sample::NORMAL)).await;
        assert_eq!(users.len(), by_card);
    }
);
