//! A suite as a resource: entered, changed, renewed, deleted; all faults at once; its secrets never come back.

use std::time::Duration;

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use simulator::{
    Delivery, SuiteCallback, sample,
    world::{Fault, FaultKind, Scope},
};

use super::{connected, entered, problems, save, shown, suite, ticket, with_provider};
use crate::{
    actors::{id, text},
    fixture::Fixture,
    scenario,
};

scenario!(
    a_suite_is_entered_shown_changed_and_deleted_and_its_keys_are_shown_once,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        let made = suite(&fixture).await;
        assert_eq!(text(&made, "token").len(), 32);
        assert_eq!(text(&made, "encoding_aes_key").len(), 43);
        let path = format!("suites/{}", id(&made));
        let read = admin.get(&path).await;
        for secret in ["token", "encoding_aes_key", "secret", "provider_secret"] {
            assert!(read.get(secret).is_none(), "{read}");
        }
        let urls: Vec<&str> = read["callbacks"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| text(one, "url"))
            .collect();
        let base = format!("{}/wecom/{path}", fixture.base);
        assert_eq!(urls, [format!("{base}/command"), format!("{base}/data/$CORPID$")]);
        assert_eq!(
            (&read["credential"], &read["ticket_at"], &read["problems"]),
            (&json!("waits_for_ticket"), &Value::Null, &json!([])),
            "{read}"
        );
        assert_eq!(
            (&read["is_template"], &read["provider_secret_set"]),
            (&json!(false), &json!(false))
        );

        // Entered keys are taken as they are, and not shown.
        let template = json!({
            "name": "代开发", "suite_id": sample::TEMPLATE, "secret": sample::TEMPLATE_SECRET, "token": "EnteredToken1",
            "encoding_aes_key": "b".repeat(43), "provider_corp_id": sample::PROVIDER, "provider_secret": sample::PROVIDER_SECRET,
        });
        let template = admin.create("suites", template).await;
        assert_eq!(
            (&template["token"], &template["encoding_aes_key"]),
            (&Value::Null, &Value::Null)
        );
        assert_eq!(
            (&template["is_template"], &template["provider_secret_set"]),
            (&json!(true), &json!(true))
        );
        assert_eq!(admin.items("suites").await.len(), 2);

        let change = json!({ "name": "云门", "description": "给客户", "provider_corp_id": null });
        let changed = admin.change(&path, change).await;
        assert_eq!(
            (&changed["name"], &changed["description"], &changed["provider_corp_id"]),
            (&json!("云门"), &json!("给客户"), &Value::Null)
        );
        let both = format!("suites/{}", id(&template));
        let alone = admin
            .call("PATCH", &both, Some(json!({ "provider_corp_id": null })))
            .await;
        assert_eq!(alone.refusal(), (422, "DI-101"), "its secret would be nobody's");
        let cleared = json!({ "provider_corp_id": null, "provider_secret": null });
        assert_eq!(admin.change(&both, cleared).await["provider_secret_set"], false);

        assert_eq!(admin.call("DELETE", &path, None).await.status, 204);
        assert_eq!(admin.call("GET", &path, None).await.refusal(), (404, "DI-102"));
        assert_eq!(admin.call("DELETE", &path, None).await.refusal(), (404, "DI-102"));
        for gone in ["pushes", "renew", "check"] {
            let method = if gone == "pushes" { "GET" } else { "POST" };
            let reply = admin.call(method, &format!("{path}/{gone}"), None).await;
            assert_eq!(reply.refusal(), (404, "DI-102"), "{gone}");
        }
    }
);

scenario!(
    all_faults_of_a_suite_are_told_at_once_by_their_fields,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        let pointers = |body: &Value| {
            let errors = body["errors"].as_array().unwrap();
            let mut found: Vec<String> = errors.iter().map(|one| text(one, "pointer").to_owned()).collect();
            found.sort();
            found.dedup();
            found
        };
        let rubbish = json!({
            "name": " ", "description": "x".repeat(2001), "suite_id": "ww 1", "secret": "with blank ", "token": "t".repeat(33),
            "encoding_aes_key": "k".repeat(42), "provider_corp_id": "企业", "provider_secret": "",
        });
        let all = [
            "#/description",
            "#/encoding_aes_key",
            "#/name",
            "#/provider_corp_id",
            "#/provider_secret",
            "#/secret",
            "#/suite_id",
            "#/token",
        ];
        let refused = admin.call("POST", "suites", Some(rubbish.clone())).await;
        assert_eq!(refused.refusal(), (422, "DI-101"), "{}", refused.body);
        assert_eq!(pointers(&refused.body), all);
        let made = admin.create("suites", entered()).await;
        let path = format!("suites/{}", id(&made));
        let refused = admin.call("PATCH", &path, Some(rubbish)).await;
        assert_eq!(pointers(&refused.body), all, "{}", refused.body);
        for (field, value) in [
            ("token", json!("with-dash")),
            ("token", json!("")),
            ("encoding_aes_key", json!("k".repeat(44))),
            ("encoding_aes_key", json!(format!("{}=", "k".repeat(42)))),
            ("suite_id", json!("")),
            ("suite_id", json!("w".repeat(65))),
            ("suite_id", json!("../x")),
            ("secret", json!("秘密")),
            ("name", json!("a\u{202e}b")),
        ] {
            let refused = admin.call("PATCH", &path, Some(json!({ (field): value }))).await;
            assert_eq!(refused.refusal(), (422, "DI-101"), "{field} {value}");
            assert_eq!(pointers(&refused.body), [format!("#/{field}")]);
        }
        for (field, value) in [
            ("secret", Value::Null),
            ("token", Value::Null),
            ("name", json!(7)),
            ("suite_id", json!(["ww1"])),
            ("ticket", json!("x")),
            ("save_anyway", json!("yes")),
        ] {
            let refused = admin.call("PATCH", &path, Some(json!({ (field): value }))).await;
            assert!((400..=422).contains(&refused.status), "{field}: {}", refused.body);
        }
        let alone = json!({ "name": "x", "suite_id": "ww2", "secret": "s", "provider_secret": "p" });
        let refused = admin.call("POST", "suites", Some(alone)).await;
        assert_eq!(pointers(&refused.body), ["#/provider_corp_id"]);

        let twice = admin.call("POST", "suites", Some(entered())).await;
        assert_eq!(twice.refusal(), (409, "SU-103"));
        assert_eq!(pointers(&twice.body), ["#/suite_id"]);
        let other = json!({ "name": "x", "suite_id": "ww2", "secret": "s" });
        let other = format!("suites/{}", id(&admin.create("suites", other).await));
        let taken = admin
            .call("PATCH", &other, Some(json!({ "suite_id": sample::SUITE })))
            .await;
        assert_eq!(taken.refusal(), (409, "SU-103"));
    }
);

scenario!(
    changes_need_the_state_that_was_seen_and_tickets_do_not_change_it,
    |fixture: Fixture| async move {
        let made = connected(&fixture).await;
        let url = format!("{}/api/v1/suites/{}", fixture.base, id(&made));
        let send = async |method: reqwest::Method, path: &str, tag: Option<&str>, body: Option<Value>| {
            let mut request = fixture
                .http
                .request(method, format!("{url}{path}"))
                .bearer_auth(crate::fixture::ADMIN_TOKEN);
            if let Some(tag) = tag {
                request = request.header("if-match", tag);
            }
            if let Some(body) = body {
                request = request.json(&body);
            }
            let answer = request.send().await.unwrap();
            let tag = answer.headers().get("etag").map(|tag| tag.to_str().unwrap().to_owned());
            (answer.status().as_u16(), tag.unwrap_or_default())
        };
        let (_, first) = send(reqwest::Method::GET, "", None, None).await;
        ticket(&fixture).await;
        let (_, after_ticket) = send(reqwest::Method::GET, "", None, None).await;
        assert_eq!(first, after_ticket);
        let change = || Some(json!({ "description": "x" }));
        let (status, second) = send(reqwest::Method::PATCH, "", Some(&first), change()).await;
        assert_eq!(status, 200);
        assert_ne!(first, second);
        assert_eq!(send(reqwest::Method::PATCH, "", Some(&first), change()).await.0, 412);
        assert_eq!(send(reqwest::Method::POST, "/renew", Some(&first), None).await.0, 412);
        assert_eq!(send(reqwest::Method::DELETE, "", Some(&first), None).await.0, 412);
        let (status, third) = send(reqwest::Method::POST, "/renew", Some(&second), None).await;
        assert_eq!(status, 200);
        assert_ne!(second, third, "new keys are another state");
        assert_eq!(send(reqwest::Method::DELETE, "", Some(&third), None).await.0, 204);
    }
);

scenario!(
    a_suite_that_companies_have_installed_stays_and_keeps_its_id,
    |fixture: Fixture| async move {
        let made = connected(&fixture).await;
        ticket(&fixture).await;
        let scope = Scope {
            users: vec![sample::BY_PICK.to_owned()],
            ..Scope::default()
        };
        let installed = fixture
            .wecom
            .install(sample::CORP, sample::SUITE, (sample::ADMIN, scope), Delivery::default());
        assert!(installed.await.is_some());
        let go_on = async || {
            fixture.app.tick().await.unwrap();
            fixture.wait_for_background_work().await;
        };
        go_on().await;
        let admin = fixture.admin();
        let path = format!("suites/{}", id(&made));
        let refused = admin.call("DELETE", &path, None).await;
        assert_eq!(refused.refusal(), (409, "SU-104"), "{}", refused.body);
        assert!(
            text(&refused.body, "detail").starts_with("companies: "),
            "{}",
            refused.body
        );
        let other = json!({ "suite_id": "wwanother" });
        assert_eq!(admin.call("PATCH", &path, Some(other)).await.refusal(), (409, "SU-105"));
        admin.change(&path, json!({ "name": "still changed" })).await;

        fixture.advance(Duration::from_secs(1));
        let gone = fixture
            .wecom
            .uninstall(sample::CORP, sample::SUITE, Delivery::default());
        assert!(gone.await.is_some());
        go_on().await;
        let removed = admin.call("DELETE", &path, None).await;
        assert_eq!(removed.status, 204, "{}", removed.body);
        assert!(admin.items("installations").await.is_empty());
    }
);

scenario!(
    the_providers_secret_is_tried_before_it_is_saved,
    |fixture: Fixture| async move {
        with_provider(&fixture);
        let admin = fixture.admin();
        let with = |corp_id: &str, secret: &str| {
            let mut body = entered();
            body["provider_corp_id"] = json!(corp_id);
            body["provider_secret"] = json!(secret);
            body
        };
        for (body, number, field, code) in [
            (with(sample::PROVIDER, "wrong"), "SU-112", "#/provider_secret", "40001"),
            (
                with("wwnobody", sample::PROVIDER_SECRET),
                "SU-113",
                "#/provider_corp_id",
                "40013",
            ),
        ] {
            let refused = admin.call("POST", "suites", Some(body)).await;
            assert_eq!(refused.refusal(), (422, number), "{}", refused.body);
            let fault = &refused.body["errors"][0];
            assert_eq!((text(fault, "pointer"), text(fault, "number")), (field, number));
            assert!(text(fault, "detail").contains(code), "{fault}");
            assert!(text(fault, "where").contains("服务商信息"), "{fault}");
        }
        assert!(admin.items("suites").await.is_empty(), "nothing was saved");
        let mut anyway = with(sample::PROVIDER, "wrong");
        anyway["save_anyway"] = json!(true);
        let suite = admin.create("suites", anyway).await;
        assert_eq!(problems(&fixture, &suite).await, ["SU-129"]);
        let path = format!("suites/{}", id(&suite));
        let refused = admin
            .call("PATCH", &path, Some(json!({ "provider_secret": "neither" })))
            .await;
        assert_eq!(refused.refusal(), (422, "SU-112"), "{}", refused.body);
        let refused = admin
            .call("PATCH", &path, Some(json!({ "provider_corp_id": "wwnobody" })))
            .await;
        assert_eq!(refused.refusal(), (422, "SU-113"), "the stored secret is tried with it");
        // What does not answer proves nothing.
        fixture.add_fault(Fault::new("/cgi-bin/service/get_provider_token", FaultKind::BadGateway));
        admin
            .change(&path, json!({ "provider_secret": sample::PROVIDER_SECRET }))
            .await;
        assert_eq!(problems(&fixture, &suite).await, ["SU-131"]);
        fixture.mend_wecom();
        save(&fixture, &suite, SuiteCallback::Command).await.unwrap();
        ticket(&fixture).await;
        assert!(
            problems(&fixture, &suite).await.is_empty(),
            "tried again with the ticket"
        );
        admin.change(&path, json!({ "provider_secret": null })).await;
        assert!(problems(&fixture, &suite).await.is_empty());
    }
);

scenario!(
    what_was_wrong_with_the_provider_stands_until_it_is_tried_again,
    |fixture: Fixture| async move {
        with_provider(&fixture);
        let admin = fixture.admin();
        let mut body = entered();
        body["provider_secret"] = json!(sample::PROVIDER_SECRET);
        fixture.add_fault(Fault::new(
            "/cgi-bin/service/get_provider_token",
            FaultKind::Errcode(45009),
        ));
        let suite = admin.create("suites", body).await;
        assert_eq!(problems(&fixture, &suite).await, ["SU-131"]);
        fixture.mend_wecom();
        // WeCom wants to be left alone, so this one is saved as it is.
        let path = format!("suites/{}", id(&suite));
        admin.change(&path, json!({ "provider_secret": "wrong" })).await;
        assert_eq!(problems(&fixture, &suite).await, ["SU-131"]);
        save(&fixture, &suite, SuiteCallback::Command).await.unwrap();
        ticket(&fixture).await;
        assert_eq!(problems(&fixture, &suite).await, ["SU-129"]);
        admin.change(&path, json!({ "provider_secret": null })).await;
        assert!(problems(&fixture, &suite).await.is_empty());
    }
);

// Secrets never logged or returned: not in replies, not in the audit log, not in the database as they are.
scenario!(secrets_of_a_suite_come_back_nowhere, |fixture: Fixture| async move {
    with_provider(&fixture);
    let admin = fixture.admin();
    let mut body = entered();
    body["provider_secret"] = json!(sample::PROVIDER_SECRET);
    let made = admin.create("suites", body).await;
    save(&fixture, &made, SuiteCallback::Command).await.unwrap();
    ticket(&fixture).await;
    let path = format!("suites/{}", id(&made));
    let newer = admin.create(&format!("{path}/renew"), json!({})).await;
    admin
        .change(
            &path,
            json!({
                "secret": sample::SUITE_SECRET, "token": "EnteredToken1", "provider_secret": "other", "save_anyway": true,
            }),
        )
        .await;
    let known = [
        text(&made, "token"),
        text(&made, "encoding_aes_key"),
        text(&newer, "token"),
        text(&newer, "encoding_aes_key"),
        sample::SUITE_SECRET,
        sample::PROVIDER_SECRET,
        "EnteredToken1",
    ];
    let mut told = shown(&fixture, &made).await.to_string();
    for list in ["suites", "audit-events?limit=200", &format!("{path}/pushes")] {
        told.push_str(&admin.get(list).await.to_string());
    }
    let database = sea_orm::Database::connect(fixture.database_url()).await.unwrap();
    for query in [
        "SELECT secret_sealed || token_sealed || aes_key_sealed || provider_secret_sealed || ticket_sealed AS told FROM wecom_suite",
        "SELECT CAST(detail AS TEXT) AS told FROM audit_event",
    ] {
        let statement = sea_orm::Statement::from_string(database.get_database_backend(), query);
        let rows = database.query_all_raw(statement).await.unwrap();
        assert!(!rows.is_empty(), "{query}");
        for row in rows {
            told.push_str(&row.try_get::<String>("", "told").unwrap());
        }
    }
    for secret in known {
        assert!(!told.contains(secret), "{secret}");
    }
    let events = admin.items("audit-events?kind=configured&limit=200").await;
    let of_it: Vec<&Value> = events
        .iter()
        .filter(|event| event["subject"] == format!("suite:{}", id(&made)))
        .collect();
    let mut actions: Vec<&str> = of_it.iter().map(|event| text(&event["detail"], "action")).collect();
    actions.sort_unstable();
    assert_eq!(actions, ["changed", "created", "renewed"]);
    let of = |action: &str| {
        let found = of_it.iter().find(|event| event["detail"]["action"] == action);
        *found.unwrap()
    };
    let (created, changed) = (of("created"), of("changed"));
    assert_eq!(created["detail"]["after"]["provider_secret"], "***", "{created}");
    assert_eq!(changed["detail"]["after"]["secret"], "***", "{changed}");
    assert_eq!(changed["detail"]["before"]["provider_secret"], "***", "{changed}");
});
