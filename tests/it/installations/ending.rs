//! Disconnecting: the company deletes the app in WeCom. Its people are out everywhere at once, portals are told, and what WeCom told of them goes (S5.4).

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{Delivery, ExternalChange, Push, sample};

use super::{
    BY, Scanner, another_suite, chosen, connected, install_by_phone, invite, only, scan_at, scanned, suite, tick,
};
use crate::{
    actors::{Browser, LogoutReceiver, Portal, claims, id, id_claims, text},
    assistant::customer,
    back_channel_logout::listening,
    fixture::Fixture,
    scenario, suites,
};

/// A customer of somebody in the company.
const CUSTOMER: &str = "wmEndingCustomer000000000001";

/// Signs somebody of the company in at a portal by a scan; the tokens.
pub(super) async fn signed_in(fixture: &Fixture, portal: &Portal, userid: &str) -> (Browser, Value) {
    let browser = fixture.browser();
    let login = browser.open(&portal.authorize_url(&[])).await;
    let go = login.link("/go/");
    let callback = scan_at(fixture, &browser, &go, Scanner::Member(sample::CORP, userid)).await;
    let page = browser.open(&callback).await;
    let tokens = portal.tokens_from(&page).await;
    (browser, tokens)
}

scenario!(
    whoever_signs_in_by_a_company_that_deletes_the_app_is_out_everywhere_and_portals_are_told,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        let bound = connected(&fixture, &suite).await;
        let receiver = LogoutReceiver::listen();
        let portal = listening(&fixture, "wiki", &receiver).await;
        let (browser, tokens) = signed_in(&fixture, &portal, sample::NORMAL).await;
        let replica = fixture.replica().await;
        let there = portal.at(&replica.base);
        let told = Push::Change {
            corp: sample::CORP.to_owned(),
            event: customer(ExternalChange::AddExternalContact, CUSTOMER),
            open_userid: None,
        };
        suites::push(&fixture, told, Delivery::default()).await;
        let customers = format!(
            "data-sources/{}/external-contact-events",
            text(&bound, "data_source_id")
        );
        let told = fixture.admin().items(&customers).await;
        assert!(json!(told).to_string().contains(CUSTOMER), "{told:?}");
        let branding = format!("data-sources/{}/branding", text(&bound, "data_source_id"));
        fixture.admin().change(&branding, json!({ "name": "Qingyun" })).await;
        fixture.advance(Duration::from_secs(2));
        fixture
            .wecom
            .uninstall(sample::CORP, sample::SUITE, Delivery::default())
            .await
            .unwrap();
        tick(&fixture).await;
        tick(&fixture).await;
        for at in [&portal, &there] {
            at.assert_ended(&tokens).await;
            at.assert_signed_out(&browser).await;
            let introspected = at.introspect(text(&tokens, "access_token")).await;
            assert_eq!(introspected["active"], false, "{introspected}");
        }
        let sid = id_claims(&tokens)["sid"].clone();
        assert_eq!(
            receiver
                .tokens()
                .iter()
                .filter(|token| claims(token)["sid"] == sid)
                .count(),
            1
        );
        let over = only(&fixture).await;
        assert_eq!(
            (&over["status"], &over["members"]),
            (&json!("cancelled"), &Value::Null),
            "{over}"
        );
        assert!(over["cancelled_at"].is_i64() && over["data_removed_at"].is_i64());
        let source = fixture
            .admin()
            .get(&format!("data-sources/{}", text(&bound, "data_source_id")))
            .await;
        assert_eq!(
            (&source["enabled"], &source["disabled_reason"]),
            (&json!(false), &json!("installation_cancelled"))
        );
        // Of the company ids are left, in whatever it is called by.
        let log = fixture.admin().items("audit-events?limit=200").await;
        let told = log
            .iter()
            .filter(|event| event["subject"].as_str().unwrap().starts_with("installation:"));
        assert!(
            told.clone().count() > 2 && !told.clone().any(|event| event.to_string().contains("青云科技")),
            "{log:?}"
        );
        for list in ["installations", "data-sources", "auth-sources"] {
            let all = json!(fixture.admin().items(list).await).to_string();
            assert!(
                !all.contains("青云科技") && all.contains(text(&bound, "corp_id")),
                "{list}: {all}"
            );
        }
        assert_eq!(fixture.admin().get(&branding).await["name"], Value::Null);
        for list in ["members", "departments", "tags"] {
            let left = fixture
                .admin()
                .items(&format!("{list}?data_source={}", id(&source)))
                .await;
            assert_eq!(left, Vec::<Value>::new(), "{list}");
        }
        assert!(
            fixture.admin().items(&customers).await.is_empty(),
            "customers of the company"
        );
        let left = crate::backends::number(
            fixture.database_url(),
            "SELECT (SELECT COUNT(*) FROM external_contact_event) + (SELECT COUNT(*) FROM external_contact_count)",
        )
        .await;
        assert_eq!(left, 0);
        let sub = id_claims(&tokens)["sub"].clone();
        let user = fixture.admin().get(&format!("users/{}", sub.as_str().unwrap())).await;
        assert_eq!(
            (&user["status"], &user["disabled_reason"], &user["display_name"]),
            (&json!("disabled"), &json!("installation_cancelled"), &Value::Null),
            "{user}"
        );
        let report = fixture
            .admin()
            .items(&format!("offboardings?user_id={}", sub.as_str().unwrap()))
            .await;
        assert_eq!(
            (report.len(), &report[0]["reason"]),
            (1, &json!("installation_cancelled"))
        );
        let log = fixture.admin().items("audit-events").await;
        assert!(
            log.iter().any(|event| event["detail"]["action"] == "data_removed"),
            "ids stay in the log"
        );
        let page = browser.open(&portal.authorize_url(&[])).await;
        assert!(page.returned("code").is_none(), "{}", page.body);
    }
);

scenario!(
    a_company_that_comes_back_finds_its_people_with_the_same_sub,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        let bound = connected(&fixture, &suite).await;
        let portal = fixture.portal("wiki", json!({})).await;
        let (_, before) = signed_in(&fixture, &portal, sample::NORMAL).await;
        fixture.advance(Duration::from_secs(2));
        fixture
            .wecom
            .uninstall(sample::CORP, sample::SUITE, Delivery::default())
            .await
            .unwrap();
        tick(&fixture).await;
        fixture.advance(Duration::from_secs(2));
        install_by_phone(&fixture).await;
        let waiting = only(&fixture).await;
        assert_eq!(waiting["status"], "unbound", "nobody here asked for it");
        let invited = invite(&fixture.admin(), &suite, json!({ "way": "phone", "import": "all" })).await;
        let scan = scanned(
            &fixture,
            &fixture.admin(),
            &invited,
            Scanner::Member(sample::CORP, sample::NORMAL),
        )
        .await;
        fixture.admin().create("installations/scanned", scan).await;
        tick(&fixture).await;
        tick(&fixture).await;
        let again = only(&fixture).await;
        assert_eq!(
            (&again["status"], &again["data_source_id"]),
            (&json!("bound"), &bound["data_source_id"]),
            "{again}"
        );
        let source = fixture
            .admin()
            .get(&format!("data-sources/{}", text(&bound, "data_source_id")))
            .await;
        let way = fixture.admin().items("auth-sources").await.remove(0);
        assert_eq!(
            (&source["name"], &way["name"]),
            (&json!("青云科技"), &json!("青云科技"))
        );
        let (_, after) = signed_in(&fixture, &portal, sample::NORMAL).await;
        assert_eq!(id_claims(&after)["sub"], id_claims(&before)["sub"]);
    }
);

scenario!(another_suites_deletion_ends_nothing, |fixture: Fixture| async move {
    let suite = suite(&fixture).await;
    connected(&fixture, &suite).await;
    let second =
        json!({ "name": "云门门户", "suite_id": sample::SUITE2, "secret": "sample-suite-secret-yunmen-0000000000002" });
    let second = another_suite(&fixture, second).await;
    fixture
        .wecom
        .install(sample::CORP, sample::SUITE2, (BY, chosen()), Delivery::default())
        .await
        .unwrap();
    tick(&fixture).await;
    let invited = invite(&fixture.admin(), &second, json!({ "way": "phone" })).await;
    let scan = scanned(
        &fixture,
        &fixture.admin(),
        &invited,
        Scanner::Member(sample::CORP, sample::NORMAL),
    )
    .await;
    let refused = fixture.admin().call("POST", "installations/scanned", Some(scan)).await;
    assert_eq!(refused.refusal(), (409, "IN-109"), "{}", refused.body);
    assert!(text(&refused.body, "detail").contains("云门助手"), "{}", refused.body);
    fixture.advance(Duration::from_secs(2));
    fixture
        .wecom
        .uninstall(sample::CORP, sample::SUITE2, Delivery::default())
        .await
        .unwrap();
    tick(&fixture).await;
    let states = fixture.admin().items("installations?status=bound").await;
    assert_eq!(states.len(), 1, "{states:?}");
    assert_eq!(fixture.admin().items("installations?status=cancelled").await.len(), 1);
    for word in [
        text(&states[0], "corp_name"),
        &text(&states[0], "corp_id").to_uppercase(),
    ] {
        let found = fixture
            .admin()
            .items(&format!("installations?status=bound&q={word}"))
            .await;
        assert_eq!(found, states, "{word}");
    }
    assert!(
        fixture
            .admin()
            .items("installations?q=nobody-is-called-so")
            .await
            .is_empty()
    );
});

scenario!(
    a_company_whose_data_source_was_removed_here_is_connected_again_by_a_scan,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        let bound = connected(&fixture, &suite).await;
        let source = format!("data-sources/{}", text(&bound, "data_source_id"));
        assert_eq!(fixture.admin().call("DELETE", &source, None).await.status, 204);
        let lost = only(&fixture).await;
        assert_eq!(
            (&lost["status"], &lost["problems"][0]["number"], &lost["expires_at"]),
            (&json!("unbound"), &json!("IN-122"), &Value::Null),
            "{lost}"
        );
        assert_eq!(fixture.admin().items("installations?status=unbound").await.len(), 1);
        let invited = invite(&fixture.admin(), &suite, json!({ "way": "phone", "import": "all" })).await;
        let who = Scanner::Member(sample::CORP, sample::NORMAL);
        let scan = scanned(&fixture, &fixture.admin(), &invited, who).await;
        fixture.admin().create("installations/scanned", scan).await;
        let again = only(&fixture).await;
        assert_eq!(
            (&again["status"], &again["problems"]),
            (&json!("bound"), &json!([])),
            "{again}"
        );
        assert_ne!(again["data_source_id"], bound["data_source_id"]);
        let run = fixture.sync(text(&again, "data_source_id")).await;
        assert_eq!(run["state"], "succeeded", "{run}");
        let ways = fixture.admin().items("auth-sources").await;
        assert_eq!(ways.len(), 1, "{ways:?}");
        assert_eq!(ways[0]["data_source"]["id"], again["data_source_id"], "{ways:?}");
    }
);
