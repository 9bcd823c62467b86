//! What happens while traces are exported, each in a process of its own.

use std::time::Duration;

use serde_json::Value;
use simulator::sample;

use super::{
    collector::{Collector, Recorded},
    reading::{assert_no_secret, assert_part, assert_within, named, of_sign_in, parts},
    traced,
};
use crate::{
    actors::{As, LogoutReceiver, id, text},
    back_channel_logout::{listening, sign_out},
    backends::Backend,
    fixture::Fixture,
};

/// As long as nothing here takes by far.
const FAR: Duration = Duration::from_secs(60);
/// As long as one request takes by far, and less than a collector is waited for.
const SOON: Duration = Duration::from_secs(4);
/// As long as the end takes by far.
const END: Duration = Duration::from_secs(10);
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
scene!(hostile);
scene!(trusted);
scene!(roots);

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
    let shown = named(&spans, "GET /signin/{journey}");
    assert!(shown.is_part_of(authorize), "{shown:?}");
    let answered = named(&spans, "GET /wecom/callback");
    assert!(answered.is_part_of(authorize), "{answered:?}");
    let events = answered.events();
    assert!(
        ["callback", "gate"].iter().all(|event| events.contains(event)),
        "{events:?}"
    );
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

fn browser_values(browser: &crate::actors::Browser) -> Vec<String> {
    let cookies = browser.all_cookies();
    assert!(!cookies.is_empty());
    // The others name a company, a portal or a language; they prove nothing.
    let proves = |name: &str| ["session", "journey", "known"].iter().any(|word| name.ends_with(word));
    let kept = cookies.into_iter().filter(|(name, _)| proves(name));
    kept.map(|(_, value)| value).collect()
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
    let metrics = with_metrics(&fixture);
    let portal = fixture.connected_portal().await;
    let sign_in = async || {
        let browser = fixture.browser();
        let tokens = portal.tokens(&fixture, &browser, sample::NORMAL);
        tokio::time::timeout(FAR, tokens)
            .await
            .expect("somebody waits for the collector");
    };
    for _ in 0..5 {
        sign_in().await;
    }
    // A message is under way, and is not answered.
    let accepting = tokio::task::spawn_blocking(move || (silent.accept().unwrap(), silent));
    let held = tokio::time::timeout(FAR, accepting).await.expect("nothing is exported");
    let held = held.unwrap();
    let plain = tokio::time::timeout(SOON, fixture.fetch("/oauth2/jwks")).await;
    assert_eq!(plain.expect("a request waits for the collector").status(), 200);
    // The end of the process waits no longer than it says.
    tokio::time::timeout(END, fixture.app.stop())
        .await
        .expect("the end is waited for");
    let counted = async { while dropped(&fixture, &metrics).await == 0 {} };
    tokio::time::timeout(FAR, counted)
        .await
        .expect("what is dropped is not counted");
    drop(held);
    sign_in().await;
}

/// Spans that were dropped, as the metrics served there tell.
async fn dropped(fixture: &Fixture, metrics: &str) -> u64 {
    let answer = fixture.http.get(format!("{metrics}/metrics")).send().await.unwrap();
    let text = answer.text().await.unwrap();
    let lines = text
        .lines()
        .filter(|line| line.starts_with("menjin_spans_dropped_total{"));
    lines
        .map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap())
        .sum()
}

/// Serves the metrics of this installation; where.
fn with_metrics(fixture: &Fixture) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    actix_web::rt::spawn(fixture.app.serve_metrics(listener).unwrap());
    base
}

async fn hostile(backend: Backend) {
    let collector = Collector::listen();
    let Some(fixture) = traced(backend, &collector.base, &[]).await else {
        return;
    };
    let long = "hostile".repeat(100);
    let asked = [
        "/oauth2/jwks".to_owned(),
        format!("/oauth2/authorize?client_id={long}&response_type=code"),
        format!("/{long}"),
    ];
    for path in asked {
        let request = fixture.http.get(format!("{}{path}", fixture.base));
        let request = request.header("x-forwarded-proto", &long);
        let request = request.header("forwarded", format!("proto={long};host={long}"));
        request.header("user-agent", &long).send().await.unwrap();
    }
    fixture.app.stop().await;
    let spans = collector.spans();
    let served: Vec<&Recorded> = spans.iter().filter(|span| span.0.kind == 2).collect();
    assert!(served.len() >= 3, "{served:?}");
    for span in &served {
        assert_eq!(span.attribute("url.scheme"), "http", "{span:?}");
    }
    let longest = spans.iter().flat_map(Recorded::texts).max_by_key(String::len).unwrap();
    assert!(longest.len() <= 256, "{longest}");
    assert_eq!(named(&spans, "GET /oauth2/jwks").attribute("url.path"), "/oauth2/jwks");
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
    assert!(jobs.contains(&"Sweeping".to_owned()), "{jobs:?}");
    assert!(!jobs.contains(&"Cancelled".to_owned()), "{jobs:?}");
}
