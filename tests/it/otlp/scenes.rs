//! What happens while traces are exported, each in a process of its own.

use std::time::Duration;

use serde_json::Value;
use simulator::sample;

use super::{
    collector::{Collector, Recorded},
    traced,
};
use crate::{
    actors::{As, LogoutReceiver, VERIFIER, id, text},
    back_channel_logout::{listening, sign_out},
    backends::Backend,
    fixture::{ADMIN_TOKEN, Fixture},
};

/// As long as nothing here takes by far.
const FAR: Duration = Duration::from_secs(60);
/// A caller's trace, which is to be recorded.
const THEIRS: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// A scene on both pairings, for a process of its own.
macro_rules! scene {
    ($name:ident) => {
        mod $name {
            use super::*;

            #[actix_web::test]
            #[ignore = "played by the tests of the module above"]
            async fn on_sqlite_and_memory() {
                super::$name(Backend::SqliteMemory).await;
            }

            #[actix_web::test]
            #[ignore = "played by the tests of the module above"]
            async fn on_postgres_and_redis() {
                super::$name(Backend::PostgresRedis).await;
            }
        }
    };
}

scene!(scanned);
scene!(refused);
scene!(hanging);
scene!(strangers);
scene!(trusted);
scene!(roots);

fn named<'a>(spans: &'a [Recorded], name: &str) -> &'a Recorded {
    let all: Vec<&Recorded> = spans.iter().filter(|span| span.name() == name).collect();
    let names: Vec<&str> = spans.iter().map(Recorded::name).collect();
    assert_eq!(all.len(), 1, "{name} among {names:?}");
    all[0]
}

fn parts<'a>(spans: &'a [Recorded], of: &Recorded) -> Vec<&'a Recorded> {
    spans.iter().filter(|span| span.is_part_of(of)).collect()
}

fn assert_part(spans: &[Recorded], of: &Recorded, name: &str) {
    let parts = parts(spans, of);
    let names: Vec<&str> = parts.iter().map(|part| part.name()).collect();
    assert!(names.contains(&name), "{name} is no part of {}: {names:?}", of.name());
}

/// The spans of the trace that a request to the authorization endpoint began.
fn of_sign_in(collector: &Collector) -> Vec<Recorded> {
    let mut spans = collector.spans();
    let trace = named(&spans, "GET /oauth2/authorize").0.trace_id.clone();
    spans.retain(|span| span.0.trace_id == trace);
    spans
}

fn value_of(url: &str, name: &str) -> String {
    let url = reqwest::Url::parse(url).unwrap();
    let found = url.query_pairs().find(|(key, _)| key == name);
    found.unwrap().1.into_owned()
}

async fn scanned(backend: Backend) {
    let collector = Collector::listen();
    let Some(fixture) = traced(backend, &collector.base, &[]).await else {
        return;
    };
    let portal = fixture.connected_portal().await;
    let browser = fixture.browser();
    let callback = portal.to_callback(&fixture, &browser, As::Member(sample::NORMAL)).await;
    let page = browser.open(&callback).await;
    let code = page.returned("code").unwrap();
    let tokens = portal.redeem(&code).await.body;
    fixture.app.stop().await;

    let spans = of_sign_in(&collector);
    let authorize = named(&spans, "GET /oauth2/authorize");
    assert!(authorize.0.parent_span_id.is_empty());
    for (key, value) in [
        ("http.request.method", "GET"),
        ("http.route", "/oauth2/authorize"),
        ("http.response.status_code", "303"),
        ("url.scheme", "http"),
        ("url.path", "/oauth2/authorize"),
        ("client.address", "127.0.0.1"),
    ] {
        assert_eq!(authorize.attribute(key), value, "{key} of {authorize:?}");
    }
    let shown = named(&spans, "GET /signin/{id}");
    assert!(shown.is_part_of(authorize), "{shown:?}");
    let answered = named(&spans, "GET /wecom/callback");
    assert!(answered.is_part_of(authorize), "{answered:?}");
    assert_eq!(answered.events(), ["callback", "gate"]);
    assert_eq!(answered.attribute("menjin.client_id"), "wiki");
    assert_part(&spans, answered, "GET /cgi-bin/auth/getuserinfo");
    let gates: Vec<&Recorded> = parts(&spans, answered)
        .into_iter()
        .filter(|part| part.name() == "gate")
        .collect();
    let [gate] = gates[..] else { panic!("{gates:?}") };
    assert_eq!(gate.attribute("menjin.gate.admitted"), "true");
    assert_part(&spans, gate, "GET /cgi-bin/user/get");
    assert_part(&spans, gate, "SELECT member");
    let resumed = named(&spans, "GET /oauth2/authorize/resume");
    assert!(resumed.is_part_of(authorize), "{resumed:?}");
    let redeemed = named(&spans, "POST /oauth2/token");
    assert!(redeemed.is_part_of(resumed), "{redeemed:?}");
    let asked = spans
        .iter()
        .find(|span| span.name() == "GET /cgi-bin/user/get")
        .unwrap();
    assert_eq!(
        (asked.0.kind, asked.attribute("menjin.wecom.errcode")),
        (3, "0".to_owned())
    );
    let system = if backend == Backend::SqliteMemory {
        "sqlite"
    } else {
        "postgresql"
    };
    let read = spans.iter().find(|span| span.name() == "SELECT member").unwrap();
    for (key, value) in [
        ("db.system.name", system),
        ("db.operation.name", "SELECT"),
        ("db.collection.name", "member"),
    ] {
        assert_eq!(read.attribute(key), value, "{read:?}");
    }
    assert_eq!(
        spans.iter().any(|span| span.attribute("db.system.name") == "redis"),
        system == "postgresql"
    );
    assert_within(&spans);
    assert_no_secret(
        &collector,
        &fixture,
        &[
            &browser_values(&browser)[..],
            &[
                portal.secret.clone(),
                value_of(&callback, "code"),
                value_of(&callback, "state"),
                code,
                text(&tokens, "access_token").to_owned(),
                text(&tokens, "id_token").to_owned(),
            ],
        ]
        .concat(),
    );
}

/// Every part lies within what it is a part of, where both were recorded in one request.
fn assert_within(spans: &[Recorded]) {
    for part in spans.iter().filter(|span| span.0.kind != 2) {
        let whole = spans.iter().find(|other| part.is_part_of(other));
        let whole = whole.unwrap_or_else(|| panic!("{} is a part of nothing", part.name()));
        let (a, b) = (&part.0, &whole.0);
        assert!(a.start_time_unix_nano >= b.start_time_unix_nano, "{part:?} {whole:?}");
        assert!(a.end_time_unix_nano <= b.end_time_unix_nano, "{part:?} {whole:?}");
    }
}

fn browser_values(browser: &crate::actors::Browser) -> Vec<String> {
    let cookies = browser.all_cookies();
    assert!(!cookies.is_empty());
    cookies.into_iter().map(|(_, value)| value).collect()
}

/// No secret, no name of a person, and no name under which a secret travels is in what was exported.
fn assert_no_secret(collector: &Collector, fixture: &Fixture, secrets: &[String]) {
    let known = [
        sample::APP_SECRET,
        sample::CONTACTS_SECRET,
        ADMIN_TOKEN,
        VERIFIER,
        sample::NORMAL,
        "access_token",
        "corpsecret",
        "n-0S6_WzA2Mj",
        "Bearer",
        "Basic",
        "Mozilla",
    ];
    let mut bytes = Vec::new();
    for (headers, body) in collector.posted() {
        bytes.extend_from_slice(format!("{headers:?}").as_bytes());
        bytes.extend_from_slice(&body);
    }
    let exported = String::from_utf8_lossy(&bytes);
    for secret in known.iter().copied().chain(secrets.iter().map(String::as_str)) {
        assert!(secret.len() >= 5, "{secret}");
        assert!(!exported.contains(secret), "{secret} was exported");
    }
    assert!(
        !exported.contains(fixture.database_url()),
        "the database's address was exported"
    );
}

async fn refused(backend: Backend) {
    let collector = Collector::listen();
    let Some(fixture) = traced(backend, &collector.base, &[]).await else {
        return;
    };
    let portal = fixture.connected_portal().await;
    let browser = fixture.browser();
    let page = portal
        .sign_in(&fixture, &browser, As::Member(sample::OUT_OF_SCOPE))
        .await;
    let reference = page.reference();
    let shown = fixture.admin().get(&format!("traces/{reference}")).await;
    fixture.app.stop().await;
    let spans = of_sign_in(&collector);
    let answered = named(&spans, "GET /wecom/callback");
    assert_eq!(answered.attribute("menjin.reference"), reference);
    assert_eq!(answered.attribute("menjin.number"), "GT-108");
    assert_eq!(shown["trace_id"], answered.trace(), "{shown}");
    assert!(
        answered.0.status.is_none(),
        "a refusal is no error of the server: {answered:?}"
    );
    let gate = named(&spans, "gate");
    assert!(gate.is_part_of(answered));
    for (key, value) in [
        ("menjin.gate.admitted", "false"),
        ("menjin.gate.wecom", "not_visible"),
        ("menjin.number", "GT-108"),
        ("menjin.reference", reference.as_str()),
    ] {
        assert_eq!(gate.attribute(key), value, "{key}");
    }
    let checks = gate.0.events.iter().filter(|event| event.name == "gate.check");
    let failed: Vec<String> = checks
        .filter(|event| format!("{:?}", event.attributes).contains("BoolValue(false)"))
        .map(|event| format!("{:?}", event.attributes))
        .collect();
    assert!(failed[0].contains("in_visible_scope"), "{failed:?}");
    // WeCom answers that it does not show the member: the span of that call has its code.
    let asked = spans.iter().filter(|span| span.name() == "GET /cgi-bin/user/get");
    assert!(
        asked
            .clone()
            .any(|span| span.attribute("menjin.wecom.errcode") == "60111"),
        "{:?}",
        asked.collect::<Vec<_>>()
    );
}

async fn hanging(backend: Backend) {
    // It accepts connections and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", silent.local_addr().unwrap());
    let Some(fixture) = traced(backend, &address, &[]).await else {
        return;
    };
    let portal = fixture.connected_portal().await;
    for _ in 0..5 {
        let browser = fixture.browser();
        let tokens = portal.tokens(&fixture, &browser, sample::NORMAL);
        tokio::time::timeout(FAR, tokens)
            .await
            .expect("somebody waits for the collector");
    }
    let (connection, _) = silent.accept().unwrap();
    drop((connection, silent));
    let browser = fixture.browser();
    let tokens = portal.tokens(&fixture, &browser, sample::NORMAL);
    tokio::time::timeout(FAR, tokens)
        .await
        .expect("somebody waits for nobody");
    // The end of the process waits no longer than it says.
    tokio::time::timeout(FAR, fixture.app.stop())
        .await
        .expect("the end is waited for");
}

/// A request with a traceparent; answers the spans that came of it.
async fn asked_with_traceparent(backend: Backend, settings: &[(&str, &str)]) -> Option<Vec<Recorded>> {
    let collector = Collector::listen();
    let fixture = traced(backend, &collector.base, settings).await?;
    let request = fixture.http.get(format!("{}/oauth2/jwks", fixture.base));
    let answer = request.header("traceparent", THEIRS).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    fixture.app.stop().await;
    Some(collector.spans())
}

async fn strangers(backend: Backend) {
    let spans = asked_with_traceparent(backend, &[("SAMPLE_RATIO", "0")]).await;
    assert!(
        spans.is_none_or(|spans| spans.is_empty()),
        "a stranger had a request recorded"
    );
}

async fn trusted(backend: Backend) {
    let settings = [("SAMPLE_RATIO", "0.0"), ("TRUST_TRACEPARENT", "true")];
    let Some(spans) = asked_with_traceparent(backend, &settings).await else {
        return;
    };
    let span = named(&spans, "GET /oauth2/jwks");
    assert_eq!(span.trace(), THEIRS[3..35]);
    assert_eq!(
        format!("{:02x?}", span.0.parent_span_id),
        "[00, f0, 67, aa, 0b, a9, 02, b7]"
    );
}

async fn roots(backend: Backend) {
    let collector = Collector::listen();
    let Some(fixture) = traced(backend, &collector.base, &[]).await else {
        return;
    };
    let source = fixture.connect().await;
    let receiver = LogoutReceiver::listen();
    let portal = listening(&fixture, "wiki", &receiver).await;
    let browser = fixture.browser();
    let tokens: Value = portal.tokens(&fixture, &browser, sample::NORMAL).await;
    sign_out(&fixture, &browser, &tokens).await;
    fixture.wait_for_background_work().await;
    fixture.advance(Duration::from_secs(86_400 * 80));
    fixture.app.tick().await.unwrap();
    fixture.app.stop().await;
    let spans = collector.spans();
    let root = |name: &str| {
        let mut roots = spans.iter().filter(|span| span.name() == name);
        let root = roots.next().unwrap_or_else(|| panic!("no {name}"));
        assert!(root.0.parent_span_id.is_empty(), "{root:?}");
        root
    };
    let sync = root("sync");
    assert_eq!(sync.attribute("menjin.data_source"), id(&source));
    assert_eq!(sync.attribute("menjin.sync_state"), "succeeded");
    assert_part(&spans, sync, "GET /cgi-bin/department/list");
    let delivery = root("logout delivery");
    let posts = parts(&spans, delivery);
    let post = posts.iter().find(|part| part.name() == "POST").unwrap();
    assert_eq!(post.attribute("http.response.status_code"), "200");
    assert_eq!(post.attribute("menjin.client_id"), "wiki");
    let heard = receiver.tokens();
    assert_eq!(heard.len(), 1);
    let body = collector
        .posted()
        .into_iter()
        .flat_map(|(_, body)| body)
        .collect::<Vec<u8>>();
    assert!(
        !String::from_utf8_lossy(&body).contains(&heard[0]),
        "the logout token was exported"
    );
    // Months later keys are made: a job with something to do. Those with nothing to do are no traces.
    let jobs: Vec<String> = spans
        .iter()
        .filter(|span| span.name() == "job")
        .map(|span| span.attribute("menjin.job"))
        .collect();
    assert!(jobs.contains(&"Keys".to_owned()), "{jobs:?}");
    assert!(!jobs.contains(&"Cancelled".to_owned()), "{jobs:?}");
}
