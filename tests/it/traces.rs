//! A code that somebody was shown opens what led to it: steps with times, checks with facts, calls to WeCom, portal, person, browser; and no secrets.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{
    sample,
    world::{Fault, FaultKind},
};

use crate::{
    actors::As,
    device,
    fixture::{ADMIN_TOKEN, Fixture},
    scenario,
};

async fn trace(fixture: &Fixture, reference: &str) -> Value {
    fixture.admin().get(&format!("traces/{reference}")).await
}

fn names<'a>(trace: &'a Value, list: &str, name: &str) -> Vec<&'a str> {
    let list = trace[list].as_array().unwrap();
    list.iter().map(|item| item[name].as_str().unwrap()).collect()
}

scenario!(
    a_refused_scan_opens_with_its_steps_checks_and_calls,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let browser = fixture.browser();
        let shown = portal.to_qr_page(&browser).await;
        fixture.advance(Duration::from_secs(20));
        let callback = fixture
            .phone()
            .scan(&browser, &shown, As::Member(sample::OUT_OF_SCOPE))
            .await;
        fixture.advance(Duration::from_secs(3));
        let page = browser.open(&callback).await;
        let trace = trace(&fixture, &page.reference()).await;
        assert_eq!(
            (&trace["number"], &trace["status"]),
            (&json!("GT-108"), &json!(403)),
            "{trace}"
        );
        assert!(trace["zh"].as_str().unwrap().contains("可见范围") && !trace["remedy"].as_str().unwrap().is_empty());
        assert_eq!(trace["client_id"], "wiki");
        assert_eq!(
            trace["actor"],
            format!("member:{}/{}", sample::CORP, sample::OUT_OF_SCOPE)
        );
        assert!(trace["browser"].as_str().unwrap().contains("Mozilla"), "{trace}");
        assert_eq!(trace["path"], "/wecom/callback");
        let steps = names(&trace, "steps", "step");
        assert_eq!(
            steps,
            ["begun", "sent_to_wecom", "callback", "gate", "answered"],
            "{trace}"
        );
        let at: Vec<i64> = trace["steps"]
            .as_array()
            .unwrap()
            .iter()
            .map(|step| step["at"].as_i64().unwrap())
            .collect();
        assert_eq!(at[2] - at[1], 23_000, "{trace}");
        let failed: Vec<&Value> = trace["checks"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|check| check["passed"] == false)
            .collect();
        assert_eq!(failed[0]["check"], "in_visible_scope");
        assert_eq!(failed[0]["saw"]["wecom"], "not_visible", "{trace}");
        let calls = names(&trace, "wecom_calls", "path");
        assert!(
            calls.contains(&"auth/getuserinfo") && calls.contains(&"user/get"),
            "{trace}"
        );
        let look = trace["wecom_calls"]
            .as_array()
            .unwrap()
            .iter()
            .find(|call| call["path"] == "user/get")
            .unwrap();
        assert!(
            look["errcode"].as_i64().unwrap() > 0 && look["duration_ms"].is_u64(),
            "{trace}"
        );
        let text = trace.to_string();
        let code = callback
            .split("code=")
            .nth(1)
            .unwrap()
            .split('&')
            .next()
            .unwrap()
            .to_owned();
        let state = callback
            .split("state=")
            .nth(1)
            .unwrap()
            .split('&')
            .next()
            .unwrap()
            .to_owned();
        for secret in [&code, &state, &portal.secret, &sample::APP_SECRET.to_owned()] {
            assert!(!text.contains(secret.as_str()), "{secret} is in {text}");
        }
    }
);

scenario!(
    what_wecom_refused_is_told_with_its_code_and_hint,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let browser = fixture.browser();
        let callback = portal.to_callback(&fixture, &browser, As::Member(sample::NORMAL)).await;
        fixture.add_fault(Fault::new("/cgi-bin/auth/getuserinfo", FaultKind::Errcode(60020)));
        let page = browser.open(&callback).await;
        let trace = trace(&fixture, &page.reference()).await;
        let calls = trace["wecom_calls"].as_array().unwrap();
        let refused = calls.iter().find(|call| call["path"] == "auth/getuserinfo").unwrap();
        assert_eq!(
            (&refused["errcode"], &refused["outcome"]),
            (&json!(60020), &json!("admin")),
            "{trace}"
        );
        assert!(!refused["hint"].as_str().unwrap().is_empty(), "{trace}");
        assert_eq!(trace["checks"], Value::Null, "the gate was not asked");
    }
);

/// A refusal of the gate, whose event is there already: it is traced, and takes nothing of what the recorder has counted.
pub async fn refused_by_the_gate_meanwhile(fixture: &Fixture) {
    let portal = fixture.connected_portal().await;
    let page = portal.sign_in(fixture, &fixture.browser(), As::Outsider).await;
    let trace = trace(fixture, &page.reference()).await;
    assert_eq!(
        (&trace["number"], &trace["complete"]),
        (&json!("GT-106"), &json!(true)),
        "{trace}"
    );
}

scenario!(
    a_request_of_any_size_leaves_a_small_trace,
    |fixture: Fixture| async move {
        let method = reqwest::Method::from_bytes("X".repeat(20_000).as_bytes()).unwrap();
        let request = fixture
            .http
            .request(method, format!("{}/api/v1/nothing-is-here", fixture.base))
            .header("user-agent", "b".repeat(20_000))
            .bearer_auth(ADMIN_TOKEN);
        let problem: Value = request.send().await.unwrap().json().await.unwrap();
        let reference = problem["reference"].as_str().unwrap();
        let trace = trace(&fixture, reference).await;
        assert_eq!(trace["method"], "X".repeat(16), "{trace}");
        assert_eq!(trace["browser"], "b".repeat(256), "{trace}");
        let events = fixture
            .admin()
            .items(&format!("audit-events?reference={reference}"))
            .await;
        assert_eq!(events[0]["detail"]["method"], "X".repeat(16), "{events:?}");
    }
);

scenario!(
    a_reload_leaves_a_sign_in_begun_when_it_was,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = device::portal(&fixture, "tv", json!({})).await;
        let (browser, issued) = (fixture.browser(), device::asked(&fixture, &portal).await);
        let begun = fixture.clock.now().millis();
        assert_eq!(device::opened(&browser, &issued).await.status, 200);
        fixture.advance(Duration::from_secs(30));
        let login = device::opened(&browser, &issued).await;
        let page = fixture.phone().sign_in_from(&browser, &login, As::Outsider).await;
        let steps = trace(&fixture, &page.reference()).await["steps"].clone();
        assert_eq!(
            (&steps[0]["step"], &steps[0]["at"]),
            (&json!("begun"), &json!(begun)),
            "{steps}"
        );
        assert_eq!(steps[1]["at"], begun + 30_000, "{steps}");
    }
);

scenario!(
    what_programs_are_told_opens_too_and_nothing_else_does,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        let problem = admin
            .call("GET", "users/00000000-0000-0000-0000-000000000000", None)
            .await;
        let reference = problem.body["reference"].as_str().unwrap();
        let trace = trace(&fixture, reference).await;
        assert_eq!(
            (&trace["number"], &trace["method"]),
            (&json!("DI-102"), &json!("GET")),
            "{trace}"
        );
        assert!(trace["actor"].as_str().unwrap().starts_with("token:"), "{trace}");
        assert!(!trace.to_string().contains(ADMIN_TOKEN));
        assert_eq!(
            admin.call("GET", "traces/0000-0000", None).await.refusal(),
            (404, "AD-106")
        );
    }
);

scenario!(
    a_trace_goes_after_a_month_and_its_event_stays,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let page = portal.sign_in(&fixture, &fixture.browser(), As::Outsider).await;
        assert_eq!(trace(&fixture, &page.reference()).await["complete"], true);
        fixture.advance(Duration::from_secs(29 * 24 * 3600));
        fixture.app.tick().await.unwrap();
        assert_eq!(trace(&fixture, &page.reference()).await["complete"], true);
        fixture.advance(Duration::from_secs(2 * 24 * 3600));
        fixture.app.tick().await.unwrap();
        let left = trace(&fixture, &page.reference()).await;
        assert_eq!(
            (&left["complete"], &left["number"], &left["wecom_calls"]),
            (&json!(false), &json!("GT-106"), &Value::Null)
        );
        assert!(left["checks"].as_array().unwrap().len() > 10, "{left}");
    }
);
