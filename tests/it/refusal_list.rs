//! What people met today, over the admin API: each refusal with its code, and how often each number was shown.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::{As, id, text},
    anonymous_limit::open_with_most,
    backends::Backend,
    console::{at_work, send},
    fixture::{Fixture, START},
    password::{anna, sign_in},
    scenario,
};

fn numbers(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| text(item, "number")).collect()
}

scenario!(
    an_admin_sees_what_people_were_shown_by_number_portal_person_and_time,
    |fixture: Fixture| async move {
        let wiki = fixture.connected_portal().await;
        let mail = fixture.portal("mail", json!({})).await;
        let admin = fixture.admin();
        anna(&fixture).await;
        let outsider = wiki.sign_in(&fixture, &fixture.browser(), As::Outsider).await;
        fixture.advance(Duration::from_secs(60));
        admin.disable(sample::NORMAL).await;
        mail.sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
            .await;
        // The same person again, and a page that failed for another reason; and what only programs were told.
        mail.sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
            .await;
        sign_in(&wiki, &fixture.browser(), "anna", "not her password").await;
        fixture.browser().get(&format!("{}/signin/nothing", fixture.base)).await;
        assert_eq!(admin.call("GET", "users/nobody", None).await.status, 404);
        assert_eq!(wiki.redeem("no-code").await.status, 400);

        let all = admin.items("refusals?limit=200").await;
        let told = numbers(&all);
        assert!(told.contains(&"GT-106") && told.contains(&"GT-111"), "{told:?}");
        assert!(
            told.iter()
                .all(|number| !number.starts_with("OP-") && *number != "WB-102"),
            "{told:?}"
        );
        assert_eq!(text(all.last().unwrap(), "number"), "GT-106", "newest first: {told:?}");

        let of_number = admin.items("refusals?number=GT-106").await;
        assert_eq!(of_number.len(), 1);
        let one = &of_number[0];
        assert_eq!(
            (text(one, "reference"), text(one, "client_id")),
            (outsider.reference().as_str(), "wiki")
        );
        assert_eq!(
            (&one["problem"]["number"], &one["problem"]["severity"]),
            (&json!("GT-106"), &json!("error"))
        );
        assert!(!text(&one["problem"], "title_zh").is_empty() && !text(&one["problem"], "remedy").is_empty());
        let trace = admin.get(&format!("traces/{}", text(one, "reference"))).await;
        assert_eq!(trace["number"], "GT-106", "leads to what led to it");

        let user = admin.user(sample::NORMAL).await;
        let member = user["members"][0]["id"].as_str().unwrap();
        for filter in [format!("user_id={}", id(&user)), format!("member_id={member}")] {
            let own = admin.items(&format!("refusals?{filter}")).await;
            assert!(
                !own.is_empty() && numbers(&own).iter().all(|number| *number == "GT-111"),
                "{own:?}"
            );
        }
        let at_mail = admin.items("refusals?client_id=mail").await;
        assert!(
            numbers(&at_mail).iter().all(|number| *number == "GT-111"),
            "{at_mail:?}"
        );
        let second = START * 1000 + 60_000;
        let before = admin.items(&format!("refusals?until={second}")).await;
        assert_eq!(numbers(&before), ["GT-106"]);
        let after = admin.items(&format!("refusals?since={second}")).await;
        assert!(!numbers(&after).contains(&"GT-106"));
    }
);

scenario!(refusals_are_counted_by_number, |fixture: Fixture| async move {
    let wiki = fixture.connected_portal().await;
    let admin = fixture.admin();
    for _ in 0..3 {
        wiki.sign_in(&fixture, &fixture.browser(), As::Outsider).await;
    }
    fixture.advance(Duration::from_secs(3600));
    admin.disable(sample::NORMAL).await;
    admin.disable(sample::BY_PICK).await;
    for who in [sample::NORMAL, sample::BY_PICK] {
        wiki.sign_in(&fixture, &fixture.browser(), As::Member(who)).await;
    }
    let summary = admin.get("refusals/summary").await;
    let items = summary["items"].as_array().unwrap();
    let of = |number: &str| items.iter().find(|item| item["number"] == number).unwrap();
    assert_eq!(of("GT-106")["count"], 3, "{summary}");
    assert_eq!(
        (&of("GT-111")["count"], &of("GT-111")["people"]),
        (&json!(2), &json!(2)),
        "{summary}"
    );
    assert_eq!(items[0]["number"], "GT-106", "the most frequent first");
    assert!(of("GT-106")["problem"]["title"].is_string());
    assert_eq!(
        summary["until"].as_i64().unwrap() - summary["since"].as_i64().unwrap(),
        86_400_000
    );

    let hour = START * 1000 + 3_600_000;
    let lately = admin
        .get(&format!("refusals/summary?since={hour}&client_id=wiki"))
        .await;
    assert_eq!(lately["items"].as_array().unwrap().len(), 1, "{lately}");
    fixture.advance(Duration::from_secs(2 * 86_400));
    assert_eq!(
        admin.get("refusals/summary").await["items"],
        json!([]),
        "of the last day"
    );
    let turned = admin.call("GET", "refusals/summary?since=2000&until=1000", None).await;
    assert_eq!(turned.refusal(), (422, "AD-105"));
    let both = format!("refusals?user_id={NIL}&member_id={NIL}");
    assert_eq!(admin.call("GET", &both, None).await.refusal(), (422, "AD-105"));
});

const NIL: &str = "00000000-0000-0000-0000-000000000000";

scenario!(
    what_an_operator_s_own_form_was_told_is_no_refusal,
    |fixture: Fixture| async move {
        let browser = at_work(&fixture, "owner").await;
        let wrong = send(&fixture, &browser, "/console/people/nobody/remove-passkey", &[]).await;
        assert!(wrong.status >= 400 && wrong.status < 500, "{}", wrong.body);
        // It is on record all the same, and its code opens it.
        let failed = fixture.admin().items("audit-events?kind=failed&limit=200").await;
        let told = failed
            .iter()
            .find(|event| event["detail"]["path"] == "/console/people/nobody/remove-passkey");
        let reference = text(told.unwrap(), "reference");
        let trace = fixture.admin().get(&format!("traces/{reference}")).await;
        assert_eq!(trace["reference"], json!(reference));
        let listed = fixture.admin().items("refusals?limit=200").await;
        assert!(
            listed.iter().all(|refusal| refusal["reference"] != reference),
            "{listed:?}"
        );
        let summary = fixture.admin().get("refusals/summary").await.to_string();
        assert!(!summary.contains(text(told.unwrap(), "number")), "{summary}");
    }
);

/// Whoever is kept out before anybody knows who they are is no operator.
async fn who_is_kept_out_at_the_console_stays_listed(fixture: Fixture) {
    let console = format!("{}/console/people?at=", fixture.base);
    for number in 0..4 {
        // Each address of the console is a journey of its own.
        fixture.browser().get(&format!("{console}{number}")).await;
    }
    let listed = fixture.admin().items("refusals?limit=200").await;
    assert!(numbers(&listed).contains(&"WB-106"), "{listed:?}");
}

#[actix_web::test]
async fn who_is_kept_out_at_the_console_is_listed_on_sqlite_and_memory() {
    if let Some(fixture) = open_with_most(Backend::SqliteMemory, 2).await {
        who_is_kept_out_at_the_console_stays_listed(fixture).await;
    }
}

#[actix_web::test]
async fn who_is_kept_out_at_the_console_is_listed_on_postgres_and_redis() {
    if let Some(fixture) = open_with_most(Backend::PostgresRedis, 2).await {
        who_is_kept_out_at_the_console_stays_listed(fixture).await;
    }
}
