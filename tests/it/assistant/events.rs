//! Events about customers: every kind is received, verified, recorded once and counted; what is tampered with is refused and on record; customers
//! never become users (reference 8).

use std::time::Duration;

use sea_orm::{ConnectionTrait, Database, Statement};
use serde_json::{Value, json};
use simulator::{ChatChange, Delivery, Event, ExternalChange, Owner, Push, TagChange, Tamper, sample};

use super::{CUSTOMER, CUSTOMERS, chat, connect_customers, customer, enter, source, tag, told};
use crate::{
    actors::{id, text},
    fixture::Fixture,
    installations, scenario, suites,
};

const CHANGES: [ExternalChange; 6] = [
    ExternalChange::AddExternalContact,
    ExternalChange::EditExternalContact,
    ExternalChange::AddHalfExternalContact,
    ExternalChange::DelExternalContact,
    ExternalChange::DelFollowUser,
    ExternalChange::TransferFail,
];

async fn list(fixture: &Fixture, source: &Value, query: &str) -> Vec<Value> {
    let path = format!("data-sources/{}/external-contact-events{query}", id(source));
    fixture.admin().items(&path).await
}

/// How many of each kind were counted, by kind.
async fn counts(fixture: &Fixture, source: &Value) -> Vec<(String, i64)> {
    let path = format!("data-sources/{}/external-contact-counts", id(source));
    let counted = fixture.admin().items(&path).await;
    let pair = |count: &Value| (text(count, "change").to_owned(), count["total"].as_i64().unwrap());
    counted.iter().map(pair).collect()
}

/// Tells each kind once, a second after the other.
async fn tell_all(fixture: &Fixture) {
    let contacts = CHANGES.map(|change| customer(change, CUSTOMER));
    let chats = [ChatChange::Create, ChatChange::Update, ChatChange::Dismiss].map(chat);
    let tags = [
        TagChange::Create,
        TagChange::Update,
        TagChange::Delete,
        TagChange::Shuffle,
    ]
    .map(tag);
    for event in contacts.into_iter().chain(chats).chain(tags) {
        let report = told(fixture, CUSTOMERS, event, Delivery::default()).await;
        assert_eq!(report.statuses, [200]);
        fixture.advance(Duration::from_secs(1));
    }
}

scenario!(
    every_kind_of_event_is_recorded_and_counted_and_makes_nobody_a_user,
    |fixture: Fixture| async move {
        let source = fixture
            .connect_with(json!({ "customer_secret": sample::CUSTOMER_SECRET }))
            .await;
        connect_customers(&fixture, &source).await;
        let admin = fixture.admin();
        let (users, members) = (
            admin.items("users?limit=200").await,
            admin.items("members?limit=200").await,
        );
        let runs = admin.items("sync-runs").await.len();
        tell_all(&fixture).await;
        fixture.wait_for_background_work().await;
        fixture.app.tick().await.unwrap();

        let expected = [
            "add_external_contact",
            "add_half_external_contact",
            "chat_create",
            "chat_dismiss",
            "chat_update",
            "del_external_contact",
            "del_follow_user",
            "edit_external_contact",
            "tag_create",
            "tag_delete",
            "tag_shuffle",
            "tag_update",
            "transfer_fail",
        ];
        assert_eq!(
            counts(&fixture, &source).await,
            expected.map(|change| (change.to_owned(), 1))
        );
        let events = list(&fixture, &source, "").await;
        assert_eq!(events.len(), 13);
        assert_eq!(text(&events[0], "change"), "tag_shuffle", "newest first");
        let failed = events.iter().find(|event| event["change"] == "transfer_fail").unwrap();
        assert_eq!(
            [
                text(failed, "userid"),
                text(failed, "external_userid"),
                text(failed, "detail")
            ],
            ["chuwei", CUSTOMER, "customer_refused"]
        );
        assert!(failed["told_at"].is_i64() && failed["received_at"].is_i64(), "{failed}");
        let dissolved = events.iter().find(|event| event["change"] == "chat_dismiss").unwrap();
        assert_eq!(
            (&dissolved["chat_id"], &dissolved["external_userid"]),
            (&json!("wrChat1"), &Value::Null)
        );
        assert!(
            !json!(events).to_string().contains("STATE-TELLTALE"),
            "no more is kept than is shown"
        );

        // Nobody came of it, and nothing was read for it.
        assert_eq!(admin.items("users?limit=200").await.len(), users.len());
        assert_eq!(admin.items("members?limit=200").await.len(), members.len());
        assert_eq!(admin.items("sync-runs").await.len(), runs, "no sync began");
        assert!(admin.items(&format!("users?q={CUSTOMER}")).await.is_empty());
        let callback = &admin.items(&format!("data-sources/{}/callbacks", id(&source))).await[0];
        assert!(
            callback["last_event_at"].is_i64() && callback["verified"] == true,
            "{callback}"
        );
    }
);

// An `external_userid` that is written like a userid is nobody's.
scenario!(
    a_customer_whose_id_is_like_a_members_touches_nobody,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        connect_customers(&fixture, &source).await;
        let portal = fixture.portal("wiki", json!({})).await;
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        for change in CHANGES {
            let event = customer(change, sample::NORMAL);
            assert_eq!(
                told(&fixture, CUSTOMERS, event, Delivery::default()).await.statuses,
                [200]
            );
        }
        fixture.wait_for_background_work().await;
        fixture.app.tick().await.unwrap();
        assert_eq!(fixture.admin().user(sample::NORMAL).await["status"], "active");
        let userinfo = portal.userinfo(text(&tokens, "access_token")).await;
        assert_eq!(userinfo.status, 200, "{}", userinfo.body);
    }
);

scenario!(
    an_event_is_counted_once_however_often_and_wherever_it_is_delivered,
    |fixture: Fixture| async move {
        let source = source(&fixture, json!({})).await;
        connect_customers(&fixture, &source).await;
        let twice = Delivery {
            duplicate: true,
            ..Delivery::default()
        };
        let event = customer(ExternalChange::AddExternalContact, CUSTOMER);
        let report = told(&fixture, CUSTOMERS, event.clone(), twice).await;
        assert_eq!(report.statuses, [200, 200]);
        let once = [("add_external_contact".to_owned(), 1)];
        assert_eq!(counts(&fixture, &source).await, once);
        // The same again in the same second, all at once: one document, however it is encrypted.
        let again = (0..20).map(|_| told(&fixture, CUSTOMERS, event.clone(), Delivery::default()));
        for report in futures_util::future::join_all(again).await {
            assert_eq!(report.statuses, [200]);
        }
        assert_eq!(counts(&fixture, &source).await, once);
        assert_eq!(list(&fixture, &source, "").await.len(), 1);
        // A second later it is another event.
        fixture.advance(Duration::from_secs(1));
        told(&fixture, CUSTOMERS, event, Delivery::default()).await;
        assert_eq!(
            counts(&fixture, &source).await,
            [("add_external_contact".to_owned(), 2)]
        );
    }
);

// An app on the list 可调用应用 hears of customers at its own callback.
scenario!(
    events_about_customers_also_come_to_the_callback_of_an_app,
    |fixture: Fixture| async move {
        let source = source(&fixture, json!({})).await;
        let path = format!("data-sources/{}/callbacks", id(&source));
        let issued = fixture.admin().create(&path, json!({ "owner": "app" })).await;
        let owner = Owner::App(sample::AGENT_ID);
        enter(&fixture, owner, &issued).await;
        let event = customer(ExternalChange::DelFollowUser, CUSTOMER);
        assert_eq!(told(&fixture, owner, event, Delivery::default()).await.statuses, [200]);
        assert_eq!(counts(&fixture, &source).await, [("del_follow_user".to_owned(), 1)]);
    }
);

// A company that installed the app of a service provider is told of at the command callback of that.
scenario!(
    events_about_customers_of_a_company_with_an_installed_app_are_recorded_alike,
    |fixture: Fixture| async move {
        let suite = installations::suite(&fixture).await;
        let installed = installations::connected(&fixture, &suite).await;
        let source = json!({ "id": installed["data_source_id"] });
        let change = |event| Push::Change {
            corp: sample::CORP.to_owned(),
            event,
            open_userid: None,
        };
        let twice = Delivery {
            duplicate: true,
            ..Delivery::default()
        };
        let added = customer(ExternalChange::AddExternalContact, CUSTOMER);
        suites::push(&fixture, change(added), twice).await;
        suites::push(&fixture, change(chat(ChatChange::Create)), Delivery::default()).await;
        let expected = [("add_external_contact".to_owned(), 1), ("chat_create".to_owned(), 1)];
        assert_eq!(counts(&fixture, &source).await, expected);
        let events = list(&fixture, &source, "?change=add_external_contact").await;
        assert_eq!(text(&events[0], "external_userid"), CUSTOMER);
        assert_ne!(
            events[0]["userid"], "chuwei",
            "by the id that the suite knows: {}",
            events[0]
        );
    }
);

// Whoever holds the key of 客户联系 says nothing about members.
scenario!(
    the_callback_of_customers_tells_of_nothing_else,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        connect_customers(&fixture, &source).await;
        let runs = fixture.admin().items("sync-runs").await.len();
        fixture.edit_corp(|corp| corp.remove_member(sample::NORMAL));
        let userid = sample::NORMAL.to_owned();
        let left = Event::DeleteUser { userid: userid.clone() };
        for event in [
            left,
            Event::CreateUser { userid: userid.clone() },
            Event::Unsubscribe { userid },
        ] {
            let report = told(&fixture, CUSTOMERS, event, Delivery::default()).await;
            assert_eq!(report.statuses, [200]);
        }
        fixture.wait_for_background_work().await;
        fixture.app.tick().await.unwrap();
        assert_eq!(fixture.admin().items("sync-runs").await.len(), runs, "no sync began");
        assert_eq!(
            fixture.admin().user(sample::NORMAL).await["status"],
            "active",
            "nobody was looked at"
        );
        assert!(counts(&fixture, &source).await.is_empty());
    }
);

scenario!(
    what_is_tampered_with_is_refused_and_on_record_and_not_counted,
    |fixture: Fixture| async move {
        let source = source(&fixture, json!({})).await;
        connect_customers(&fixture, &source).await;
        let path = format!("data-sources/{}/callbacks", id(&source));
        for (tamper, number) in [
            (Tamper::Signature, "WC-181"),
            (Tamper::Key, "WC-182"),
            (Tamper::ReceiveId, "WC-183"),
            (Tamper::Stale, "CB-102"),
        ] {
            let delivery = Delivery {
                tamper: Some(tamper),
                ..Delivery::default()
            };
            fixture.advance(Duration::from_secs(60));
            let event = customer(ExternalChange::AddExternalContact, CUSTOMER);
            let report = told(&fixture, CUSTOMERS, event, delivery).await;
            assert!(
                report.statuses.iter().all(|status| (400..500).contains(status)),
                "{tamper:?}: {report:?}"
            );
            let callback = &fixture.admin().items(&path).await[0];
            assert_eq!(callback["owner"], "external_contacts");
            assert_eq!(callback["last_failure"]["number"], number, "{tamper:?}: {callback}");
            let place = text(&callback["problems"][0], "where");
            assert!(place.contains("客户联系"), "{place}");
        }
        assert!(counts(&fixture, &source).await.is_empty());
        assert!(list(&fixture, &source, "").await.is_empty());
    }
);

scenario!(
    events_are_listed_page_by_page_and_found_by_what_and_whom_they_are_about,
    |fixture: Fixture| async move {
        let source = source(&fixture, json!({})).await;
        connect_customers(&fixture, &source).await;
        tell_all(&fixture).await;
        let other = customer(ExternalChange::AddExternalContact, "wmOther1");
        told(&fixture, CUSTOMERS, other, Delivery::default()).await;
        let path = format!("data-sources/{}/external-contact-events", id(&source));
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = fixture.admin().get(&format!("{path}?limit=4{cursor}")).await;
            seen.extend(
                page["items"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|event| id(event).to_owned()),
            );
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen.len(), 14);
        let mut sorted = seen.clone();
        sorted.sort_unstable_by(|one, other| other.cmp(one));
        assert_eq!(seen, sorted, "newest first, none twice");
        for (query, found) in [
            ("?change=add_external_contact", 2),
            ("?change=tag_create", 1),
            ("?external_userid=wmOther1", 1),
            ("?userid=chuwei", 7),
            ("?userid=nobody", 0),
        ] {
            assert_eq!(list(&fixture, &source, query).await.len(), found, "{query}");
        }
        let admin = fixture.admin();
        for (query, number) in [
            ("?change=nonsense", "AD-105"),
            ("?limit=0", "AD-104"),
            ("?cursor=x", "AD-104"),
        ] {
            let refused = admin.call("GET", &format!("{path}{query}"), None).await;
            assert_eq!(
                (refused.status / 100, refused.refusal().1),
                (4, number),
                "{query}: {}",
                refused.body
            );
        }
        for resource in ["external-contact-events", "external-contact-counts"] {
            let nowhere = format!("data-sources/00000000-0000-7000-8000-000000000000/{resource}");
            let refused = admin.call("GET", &nowhere, None).await;
            assert_eq!(refused.refusal(), (404, "DI-102"), "{}", refused.body);
        }
    }
);

scenario!(
    events_are_kept_for_thirty_days_and_what_they_were_counted_as_stays,
    |fixture: Fixture| async move {
        let source = source(&fixture, json!({})).await;
        connect_customers(&fixture, &source).await;
        tell_all(&fixture).await;
        fixture.advance(Duration::from_secs(29 * 24 * 3600));
        fixture.app.tick().await.unwrap();
        assert_eq!(list(&fixture, &source, "").await.len(), 13);
        fixture.advance(Duration::from_secs(2 * 24 * 3600));
        fixture.app.tick().await.unwrap();
        assert!(list(&fixture, &source, "").await.is_empty());
        assert_eq!(counts(&fixture, &source).await.len(), 13);
        // With the data source all of it goes.
        let event = customer(ExternalChange::AddExternalContact, CUSTOMER);
        told(&fixture, CUSTOMERS, event, Delivery::default()).await;
        let gone = format!("data-sources/{}", id(&source));
        let reply = fixture.admin().call("DELETE", &gone, None).await;
        assert_eq!(reply.status, 204, "{}", reply.body);
        let database = Database::connect(fixture.database_url()).await.unwrap();
        let backend = database.get_database_backend();
        for table in ["external_contact_event", "external_contact_count"] {
            let count = Statement::from_string(backend, format!("SELECT COUNT(*) AS n FROM {table}"));
            let row = database.query_one_raw(count).await.unwrap().unwrap();
            assert_eq!(row.try_get::<i64>("", "n").unwrap(), 0, "{table}");
        }
    }
);
