//! Credentials are tried live: a refused one is not saved unasked, each fault is its own problem and no other, and it heals by itself
//! (reference 13.1).

mod check;
mod later;
mod outage;

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{
    sample,
    world::{App, Fault, FaultKind, Scope},
};

use crate::{
    actors::{As, id, text},
    fixture::{Fixture, lay_over},
    scenario,
};

const UNKNOWN_CORP: &str = "ww0000000000000000";
const SECRETS: [&str; 4] = [
    sample::APP_SECRET,
    sample::CONTACTS_SECRET,
    sample::APP_SECRET2,
    sample::OLD_APP_SECRET,
];

/// A data source with an app alone, with something else in the place of some members.
fn source_of(extra: Value) -> Value {
    let mut body = json!({
        "name": "青云科技", "corp_id": sample::CORP,
        "app": { "agent_id": sample::AGENT_ID, "secret": sample::APP_SECRET },
    });
    lay_over(&mut body, extra);
    body
}

/// Numbers of the problems of a resource, each with its whole shape.
fn numbers(resource: &Value) -> Vec<String> {
    let problems = resource["problems"].as_array().unwrap();
    let shaped = |problem: &Value| {
        for member in ["title", "title_zh", "remedy", "remedy_zh", "detail", "severity"] {
            assert!(!text(problem, member).is_empty(), "{member} of {problem}");
        }
        text(problem, "number").to_owned()
    };
    problems.iter().map(shaped).collect()
}

async fn read(fixture: &Fixture, path: &str) -> Vec<String> {
    numbers(&fixture.admin().get(path).await)
}

fn no_secret(body: &Value) {
    let shown = body.to_string();
    for secret in SECRETS {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(!shown.contains("nonsense-secret"), "{shown}");
}

/// Has credentials probed now; answers what they may do.
async fn probe(fixture: &Fixture, path: &str) -> Value {
    let reply = fixture.admin().call("POST", path, None).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.body
}

/// Changes the app of the sample corp in WeCom.
fn edit_app(fixture: &Fixture, change: impl FnOnce(&mut App)) {
    fixture.edit_corp(|corp| change(corp.apps.get_mut(&sample::AGENT_ID).unwrap()));
}

async fn later(fixture: &Fixture, by: Duration) {
    fixture.advance(by);
    fixture.app.tick().await.unwrap();
}

scenario!(
    good_credentials_are_saved_without_a_problem_and_say_what_they_may_do,
    |fixture: Fixture| async move {
        fixture.trust_domain();
        let contacts = json!({ "contacts_secret": sample::CONTACTS_SECRET });
        let source = fixture.admin().create("data-sources", source_of(contacts)).await;
        assert_eq!(numbers(&source), [""; 0], "{source}");
        assert!(source["last_sync"].is_null(), "{source}");
        let path = format!("data-sources/{}/probe", id(&source));
        let kept = fixture.admin().get(&path).await;
        let again = probe(&fixture, &path).await;
        for shown in [&kept, &again] {
            assert_eq!(shown["problems"], json!([]), "{shown}");
            let mut seen = Vec::new();
            for credential in shown["credentials"].as_array().unwrap() {
                for row in credential["capabilities"].as_array().unwrap() {
                    seen.push((text(row, "capability"), text(row, "outcome"), row["errcode"].as_i64()));
                }
            }
            let expected = [
                ("token", "yes", None),
                ("departments", "yes", None),
                ("member_ids", "yes", None),
                ("member_details", "no", Some(48009)),
                ("token", "yes", None),
                ("app", "yes", None),
            ];
            assert_eq!(seen, expected, "{shown}");
            no_secret(shown);
        }
        let app = &fixture.admin().items("wecom-apps").await[0];
        let of_app = probe(&fixture, &format!("wecom-apps/{}/probe", id(app))).await;
        assert_eq!(of_app["credentials"][0]["agent_id"], sample::AGENT_ID, "{of_app}");
        assert!(
            text(&of_app["credentials"][0]["capabilities"][1], "detail").contains("5 departments"),
            "{of_app}"
        );
        later(&fixture, Duration::from_secs(1)).await;
        let path = format!("data-sources/{}", id(&source));
        assert_eq!(read(&fixture, &path).await, [""; 0]);
        let run = fixture.sync(id(&source)).await;
        let last = &fixture.admin().get(&path).await["last_sync"];
        assert_eq!(
            (&last["id"], &last["state"]),
            (&run["id"], &json!("succeeded")),
            "{last}"
        );
        assert_eq!(last["at"], run["finished_at"]);
        for gone in ["data-sources", "wecom-apps"] {
            let path = format!("{gone}/00000000-0000-7000-8000-000000000000/probe");
            for method in ["GET", "POST"] {
                let reply = fixture.admin().call(method, &path, None).await;
                assert_eq!(reply.refusal(), (404, "DI-102"), "{path}");
            }
        }
    }
);

/// What is entered, the refusal with the field and WeCom's code, and the problem where it is saved anyway.
fn wrong_ones() -> Vec<(Value, &'static str, &'static str, &'static str, &'static str)> {
    let app = |agent_id: u32, secret: &str| json!({ "app": { "agent_id": agent_id, "secret": secret } });
    vec![
        (
            json!({ "corp_id": UNKNOWN_CORP }),
            "DI-236",
            "#/corp_id",
            "40013",
            "WC-111",
        ),
        (
            app(sample::AGENT_ID, "nonsense-secret"),
            "DI-237",
            "#/app/secret",
            "40001",
            "WC-110",
        ),
        (
            app(sample::AGENT_ID, sample::APP_SECRET2),
            "DI-237",
            "#/app/secret",
            "40091",
            "WC-110",
        ),
        (
            json!({ "contacts_secret": "nonsense-secret" }),
            "DI-238",
            "#/contacts_secret",
            "40001",
            "WC-110",
        ),
        (
            app(sample::OLD_AGENT_ID, sample::APP_SECRET),
            "DI-239",
            "#/app/agent_id",
            "301002",
            "DI-213",
        ),
        (
            json!({ "contacts_secret": sample::APP_SECRET }),
            "DI-240",
            "#/contacts_secret",
            "48002",
            "DI-214",
        ),
        (
            app(sample::AGENT_ID, sample::CONTACTS_SECRET),
            "DI-241",
            "#/app/secret",
            "48002",
            "DI-219",
        ),
    ]
}

scenario!(
    a_credential_that_wecom_refuses_is_not_saved_unless_the_admin_insists,
    |fixture: Fixture| async move {
        fixture.trust_domain();
        let admin = fixture.admin();
        for (extra, number, pointer, code, problem) in wrong_ones() {
            let mut body = source_of(extra);
            let reply = admin.call("POST", "data-sources", Some(body.clone())).await;
            assert_eq!(reply.refusal(), (422, number), "{}", reply.body);
            let [error] = &reply.body["errors"].as_array().unwrap()[..] else {
                panic!("{}", reply.body)
            };
            assert_eq!(
                (text(error, "pointer"), text(error, "number")),
                (pointer, number),
                "{error}"
            );
            assert!(text(error, "detail").contains(code), "{error}");
            for member in ["title", "title_zh", "remedy", "remedy_zh", "where"] {
                assert!(!text(error, member).is_empty(), "{member}: {error}");
            }
            no_secret(&reply.body);
            assert!(admin.items("data-sources").await.is_empty());
            body["save_anyway"] = json!(true);
            let source = admin.create("data-sources", body).await;
            assert_eq!(numbers(&source), [problem], "{number}: {source}");
            no_secret(&source);
            let told = &source["problems"][0];
            assert!(told["since"].is_i64() && told["next_try_at"].is_i64(), "{told}");
            assert!(!text(told, "where").is_empty() && told["severity"] == "error", "{told}");
            fixture.app.tick().await.unwrap();
            let path = format!("data-sources/{}", id(&source));
            assert_eq!(read(&fixture, &path).await, [problem], "{number} after the jobs ran");
            for auth_source in admin.items("auth-sources").await {
                admin
                    .call("DELETE", &format!("auth-sources/{}", id(&auth_source)), None)
                    .await;
            }
            assert_eq!(admin.call("DELETE", &path, None).await.status, 204);
            fixture.advance(Duration::from_secs(61));
        }
        let events = admin.items("audit-events?kind=configured&limit=200").await;
        let overruled = events
            .iter()
            .filter(|event| event["detail"]["fields"] == json!(["save_anyway"]));
        assert_eq!(overruled.count(), wrong_ones().len());
    }
);

scenario!(
    an_auth_source_with_a_wrong_credential_is_refused_field_by_field,
    |fixture: Fixture| async move {
        fixture.trust_domain();
        let admin = fixture.admin();
        let body = |extra: Value| {
            let mut body = json!({
                "name": "门禁", "corp_id": sample::CORP, "agent_id": sample::AGENT_ID, "app_secret": sample::APP_SECRET,
            });
            lay_over(&mut body, extra);
            body
        };
        let wrong = [
            (json!({ "corp_id": UNKNOWN_CORP }), "DI-236", "#/corp_id"),
            (json!({ "app_secret": "nonsense-secret" }), "DI-237", "#/app_secret"),
            (json!({ "agent_id": sample::OLD_AGENT_ID }), "DI-239", "#/agent_id"),
            (
                json!({ "app_secret": sample::CONTACTS_SECRET }),
                "DI-241",
                "#/app_secret",
            ),
        ];
        for (extra, number, pointer) in &wrong {
            let reply = admin.call("POST", "auth-sources", Some(body(extra.clone()))).await;
            assert_eq!(reply.refusal(), (422, *number), "{}", reply.body);
            assert_eq!(reply.body["errors"][0]["pointer"], *pointer, "{}", reply.body);
        }
        fixture.connect().await;
        let path = format!("auth-sources/{}", id(&fixture.auth_source(sample::CORP).await));
        let before = admin.get(&path).await;
        assert_eq!(numbers(&before), [""; 0], "{before}");
        let calls = fixture.wecom.calls("gettoken");
        admin.change(&path, json!({ "name": "门禁二" })).await;
        assert_eq!(fixture.wecom.calls("gettoken"), calls, "nothing new was entered");
        let secret = json!({ "app_secret": "nonsense-secret" });
        let reply = admin.call("PATCH", &path, Some(secret)).await;
        assert_eq!(reply.refusal(), (422, "DI-237"), "{}", reply.body);
        assert_eq!(read(&fixture, &path).await, [""; 0], "the good one is still there");
        let mut anyway = json!({ "app_secret": "nonsense-secret" });
        anyway["save_anyway"] = json!(true);
        assert_eq!(numbers(&admin.change(&path, anyway).await), ["WC-110"]);
        let good = json!({ "app_secret": sample::APP_SECRET });
        assert_eq!(numbers(&admin.change(&path, good).await), [""; 0]);
    }
);

/// A fault in WeCom that is not the credential's.
type Injected = (&'static str, fn(&Fixture), Value);

fn faults() -> Vec<Injected> {
    vec![
        (
            "DI-206",
            |f| f.add_fault(Fault::new("/cgi-bin/agent/get", FaultKind::Errcode(50003))),
            json!({}),
        ),
        (
            "DI-207",
            |f| edit_app(f, |app| app.oauth_domain = Some("sso.corp.example:1".to_owned())),
            json!({}),
        ),
        (
            "DI-212",
            |f| edit_app(f, |app| app.trusted_ips = Some(vec!["192.0.2.1".to_owned()])),
            json!({}),
        ),
        (
            "DI-212",
            |f| f.edit_corp(|corp| corp.contacts_trusted_ips = Some(vec!["192.0.2.1".to_owned()])),
            json!({ "contacts_secret": sample::CONTACTS_SECRET }),
        ),
        ("DI-215", |f| edit_app(f, |app| app.scope = Scope::default()), json!({})),
        (
            "DI-216",
            |_| {},
            json!({ "contacts_secret": sample::CONTACTS_SECRET, "app": null, "login_methods": [] }),
        ),
        ("DI-217", |f| f.break_wecom("/cgi-bin/"), json!({})),
        (
            "DI-217",
            |f| f.add_fault(Fault::new("/cgi-bin/gettoken", FaultKind::Errcode(45009))),
            json!({}),
        ),
        (
            "DI-217",
            |f| f.add_fault(Fault::new("/cgi-bin/agent/get", FaultKind::Errcode(-1))),
            json!({}),
        ),
        (
            "DI-218",
            |f| f.add_fault(Fault::new("/cgi-bin/department/simplelist", FaultKind::Errcode(48001))),
            json!({ "contacts_secret": sample::CONTACTS_SECRET }),
        ),
    ]
}

scenario!(
    what_is_not_the_credentials_fault_is_saved_told_and_heals,
    |fixture: Fixture| async move {
        fixture.trust_domain();
        let (admin, good) = (fixture.admin(), fixture.edit_corp(|corp| corp.clone()));
        for (number, inject, extra) in faults() {
            inject(&fixture);
            let source = admin.create("data-sources", source_of(extra)).await;
            assert_eq!(numbers(&source), [number], "{source}");
            let problem = &source["problems"][0];
            if number == "DI-212" {
                assert!(text(problem, "detail").contains("127.0.0.1"), "{problem}");
            }
            assert_eq!(
                problem["severity"] == "warning",
                matches!(number, "DI-216" | "DI-217"),
                "{problem}"
            );
            no_secret(&source);
            let path = format!("data-sources/{}", id(&source));
            later(&fixture, Duration::from_secs(60)).await;
            assert_eq!(read(&fixture, &path).await, [number], "a minute later");
            fixture.mend_wecom();
            fixture.edit_corp(|corp| *corp = good.clone());
            fixture.edit_corp(|corp| corp.contacts_ip_is_new = number != "DI-216");
            // Details that are withheld are looked for daily, all else within the hour.
            later(
                &fixture,
                Duration::from_secs(if number == "DI-216" { 90_000 } else { 3700 }),
            )
            .await;
            assert_eq!(read(&fixture, &path).await, [""; 0], "{number} is healed");
            fixture.edit_corp(|corp| *corp = good.clone());
            for auth_source in admin.items("auth-sources").await {
                admin
                    .call("DELETE", &format!("auth-sources/{}", id(&auth_source)), None)
                    .await;
            }
            assert_eq!(admin.call("DELETE", &path, None).await.status, 204);
        }
    }
);

scenario!(
    a_callback_domain_that_wecom_does_not_trust_is_told_until_somebody_signs_in,
    |fixture: Fixture| async move {
        fixture.trust_domain();
        let portal = fixture.connected_portal().await;
        let path = format!("auth-sources/{}", id(&fixture.auth_source(sample::CORP).await));
        let scan = async || {
            let browser = fixture.browser();
            portal.sign_in(&fixture, &browser, As::Member(sample::NORMAL)).await
        };
        fixture.add_fault(Fault::new("/cgi-bin/auth/getuserinfo", FaultKind::Errcode(50001)));
        assert!(scan().await.returned("code").is_none());
        assert_eq!(read(&fixture, &path).await, ["WC-121"]);
        fixture.mend_wecom();
        assert!(scan().await.returned("code").is_some());
        assert_eq!(read(&fixture, &path).await, [""; 0]);
    }
);
