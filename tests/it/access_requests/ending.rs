//! The last day of access: it counts whole, days that are none are refused where they were entered, and its end is told before.

use std::time::Duration;

use futures_util::future::join;
use serde_json::json;
use simulator::sample;

use super::{Notice, applied, asking, imported, link, notices, standing, tick};
use crate::{
    actors::id,
    console::{at_work, send, shown},
    fixture::Fixture,
    scenario,
};

const DAY: Duration = Duration::from_secs(24 * 3600);
/// When 2027-01-01 is over in China, milliseconds.
const OVER: i64 = 1_798_819_200_000;

scenario!(
    the_last_day_of_access_counts_whole_and_is_shown_as_it_was_entered,
    |fixture: Fixture| async move {
        let (_, portal) = asking(&fixture).await;
        let (_, request) = applied(&fixture, &portal).await;
        let operator = at_work(&fixture, "operator").await;
        let here = format!("/console/requests/{}", id(&request));
        let version = shown(&fixture, &operator, &here).await.field("version");
        let form = [
            ("username", sample::NORMAL),
            ("version", version.as_str()),
            ("until", "2027-01-01"),
        ];
        let page = send(&fixture, &operator, &format!("{here}/approve"), &form).await;
        assert!(page.status == 200 && page.body.contains("2027-01-01"), "{}", page.body);
        assert!(!page.body.contains("2027-01-02"), "{}", page.body);
        let over = standing(&fixture, &request).await;
        assert_eq!(over["access_until"], OVER);
        let told = notices(&fixture, "access_approved").await.pop().unwrap();
        assert_eq!(told.facts["until"], "2027-01-01");
        let person = format!("/console/people/{}", over["user_id"].as_str().unwrap());
        let page = shown(&fixture, &operator, &person).await;
        assert!(
            page.body.contains("2027-01-01") && !page.body.contains("2027-01-02"),
            "{}",
            page.body
        );
        let page = shown(&fixture, &operator, &format!("{person}/edit")).await;
        let field = page.body.split("id=\"until\"").nth(1).unwrap();
        assert!(field.split('>').next().unwrap().contains("2027-01-01"), "{field}");
    }
);

scenario!(
    a_day_that_is_none_is_refused_at_its_field,
    |fixture: Fixture| async move {
        let (_, portal) = asking(&fixture).await;
        let (_, request) = applied(&fixture, &portal).await;
        let operator = at_work(&fixture, "operator").await;
        let address = link(&fixture).await;
        let confirm = operator.open(&address).await.field("confirm");
        let here = format!("/console/requests/{}", id(&request));
        let version = shown(&fixture, &operator, &here).await.field("version");
        let local = fixture.admin().create("users", json!({ "username": "local" })).await;
        let person = format!("/console/people/{}/edit", id(&local));
        let tag = shown(&fixture, &operator, &person).await.field("tag");
        for day in ["2027-02-31", "2027-02-29", "2027-04-31", "soon"] {
            let form = [
                ("confirm", confirm.as_str()),
                ("username", sample::NORMAL),
                ("until", day),
            ];
            let linked = operator.submit(&format!("{address}/approve"), &form).await;
            let form = [
                ("username", sample::NORMAL),
                ("version", version.as_str()),
                ("until", day),
            ];
            let console = send(&fixture, &operator, &format!("{here}/approve"), &form).await;
            let form = [("username", "local"), ("tag", tag.as_str()), ("access_until", day)];
            let edited = send(&fixture, &operator, &person, &form).await;
            for page in [&linked, &console, &edited] {
                assert!(matches!(page.status, 400 | 422), "{day}: {}", page.body);
                let (before, behind) = page.body.split_once("type=\"date\"").unwrap();
                let field = [before.rsplit('<').next().unwrap(), behind.split('>').next().unwrap()].concat();
                assert!(field.contains("aria-invalid=\"true\""), "{day}: {field}");
                assert!(field.contains(day), "nothing typed is lost: {field}");
            }
        }
        assert_eq!(standing(&fixture, &request).await["state"], "open");
    }
);

async fn told(fixture: &Fixture) -> Vec<Notice> {
    notices(fixture, "access_ending").await
}

scenario!(
    an_end_of_access_is_told_once_to_the_person_and_to_subscribers,
    |fixture: Fixture| async move {
        let (source, _) = asking(&fixture).await;
        let user = imported(&fixture, sample::NORMAL).await;
        let channel = json!({ "kind": "webhook", "name": "hook", "url": "https://hook.example/x" });
        let channel = fixture.admin().create("notice-channels", channel).await;
        let subscribed =
            json!({ "channel_id": id(&channel), "topics": ["access_ending"], "data_source_id": id(&source) });
        fixture.admin().create("notice-subscriptions", subscribed).await;
        let path = format!("users/{}", id(&user));
        let in_days = |days: i64| fixture.clock.now().millis() + days * 24 * 3_600_000;
        fixture
            .admin()
            .change(&path, json!({ "access_until": in_days(9) }))
            .await;
        tick(&fixture).await;
        assert!(told(&fixture).await.is_empty(), "too early");
        fixture.advance(DAY * 2);
        let replica = Box::pin(fixture.replica()).await;
        let (here, there) = join(fixture.app.tick(), replica.app.tick()).await;
        here.unwrap();
        there.unwrap();
        tick(&fixture).await;
        let first = told(&fixture).await;
        assert_eq!(first.len(), 2, "one for them, one for subscribers: {first:?}");
        for notice in &first {
            assert_eq!(notice.subject, format!("user:{}", id(&user)));
            assert_eq!(notice.facts["username"], sample::NORMAL);
        }
        let phone = fixture.wecom.messages();
        assert!(
            phone
                .iter()
                .any(|message| message.userid == sample::NORMAL && format!("{message:?}").contains("/account")),
            "{phone:?}"
        );
        let rows = fixture.admin().items("notices?topic=access_ending").await;
        assert!(
            rows.iter().any(|row| row["deliveries"][0]["kind"] == "webhook"),
            "{rows:?}"
        );
        // Another date is told of anew.
        fixture
            .admin()
            .change(&path, json!({ "access_until": in_days(20) }))
            .await;
        tick(&fixture).await;
        assert_eq!(told(&fixture).await.len(), 2);
        fixture.advance(DAY * 14);
        tick(&fixture).await;
        tick(&fixture).await;
        assert_eq!(told(&fixture).await.len(), 4);
    }
);
