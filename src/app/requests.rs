//! What happens around every request: who asks for what is known to each log line, and a failure that was told under a reference is logged
//! and recorded, here and nowhere else.

use actix_web::{
    Error, HttpRequest,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::USER_AGENT,
    middleware::Next,
    web::Data,
};
use serde_json::{Value, json};
use tracing::{Instrument, Span};

use super::request_span;
use crate::{
    audit::{Kind, Record, Trace, record_limit::Source, recorder::Recorder},
    kernel::spans,
    store::request_versions,
    telemetry::metrics,
    web::{
        browser::Browser,
        client_address::{Proxies, networks},
        context::{self, Context, WeComCall},
        failure::Told,
    },
};

/// Asked thousands of times a second: they get no span while they succeed.
const HOT: [&str; 5] = [
    "/oauth2/token",
    "/oauth2/userinfo",
    "/oauth2/introspect",
    "/oauth2/jwks",
    "/.well-known/openid-configuration",
];

/// Longest text of an event's detail or cause, characters.
const LONGEST: usize = 400;
/// Longest path that is logged, characters.
const LONGEST_PATH: usize = 160;
/// Longest method that is kept, characters: anybody may send a word of their own.
const LONGEST_METHOD: usize = 16;
/// Longest actor, `client_id`, browser and hint that are kept, characters.
const LONGEST_NAME: usize = 256;
/// Steps, and calls to WeCom, that are kept of a failure.
const MOST_KEPT: usize = 12;
/// Largest trace, bytes of JSON; of a larger one calls and steps are left out.
const LARGEST_TRACE: usize = 4096;
/// From this length on a part of a path may be a secret (a one-time link's token has 43 characters) and is cut.
const LONG_PART: usize = 24;

/// Middleware: serves a request in its span and context.
///
/// # Errors
/// What the handlers themselves fail with.
pub(super) async fn watch(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let Some(root) = request_span::begin(request.request()) else {
        return serve(request, next).await;
    };
    let response = root.run(serve(request, next)).await;
    if let Ok(response) = &response {
        let request = response.request();
        request_span::tell(&root, response, (loggable(request.path()), address(request)));
    }
    response
}

async fn serve(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let (response, context) = if HOT.contains(&request.path()) {
        context::scope(request_versions::within(next.call(request))).await
    } else {
        let span = span(request.request());
        let browser = request
            .headers()
            .get(USER_AGENT)
            .map(|agent| Browser::of(agent.as_bytes()));
        let address = request.app_data::<Data<Proxies>>();
        let address = address.and_then(|proxies| proxies.client(request.request()));
        let served = async {
            if let Some(browser) = browser {
                context::browser(browser);
            }
            if let Some(address) = address {
                context::address(address);
            }
            next.call(request).await
        };
        context::scope(request_versions::within(served)).instrument(span).await
    };
    let mut response = response?;
    request_span::note(&context);
    if let Some(told) = Told::take(response.response_mut()) {
        tell(response.request(), &told, &context);
    }
    Ok(response)
}

/// Method, path and client address, for every line that is logged while the request is served.
fn span(request: &HttpRequest) -> Span {
    let client = address(request);
    tracing::error_span!("request", method = method(request), path = %loggable(request.path()), client)
}

fn method(request: &HttpRequest) -> String {
    tame(request.method().as_str(), LONGEST_METHOD)
}

fn address(request: &HttpRequest) -> Option<String> {
    let proxies = request.app_data::<Data<Proxies>>()?;
    proxies.client(request).map(|address| address.to_string())
}

fn tell(request: &HttpRequest, told: &Told, context: &Context) {
    let context = &bounded(context);
    request_span::failure(told);
    metrics::failure(told.failure.entry.number);
    span(request).in_scope(|| log(told, context));
    if let Some(recorder) = request.app_data::<Data<Recorder>>() {
        let source = match &context.actor {
            Some(actor) => Source::Known(actor.clone()),
            None => Source::Stranger(network(request)),
        };
        let trace = || trace(request, told, context);
        // The gate has recorded its refusals with all of its checks.
        match told.failure.recorded {
            Some(_) => recorder.trace(source, trace),
            None => recorder.record(source, |left_out| (record(request, told, context, left_out), trace())),
        }
    }
}

/// What is kept of what was noted.
fn bounded(context: &Context) -> Context {
    let short = |text: Option<&str>| text.map(|text| tame(text, LONGEST_NAME));
    let calls = context.calls.iter().take(MOST_KEPT).map(|call| WeComCall {
        hint: short(call.hint.as_deref()),
        ..call.clone()
    });
    Context {
        actor: short(context.actor.as_deref()),
        portal: short(context.portal.as_deref()),
        lang: context.lang,
        browser: context.browser,
        company: None,
        visitors_company: None,
        address: context.address,
        steps: context.steps.iter().take(MOST_KEPT).copied().collect(),
        calls: calls.collect(),
    }
}

fn network(request: &HttpRequest) -> String {
    let proxies = request.app_data::<Data<Proxies>>();
    let narrowest = networks(proxies.and_then(|proxies| proxies.client(request)));
    narrowest
        .into_iter()
        .next()
        .map(|(network, _)| network)
        .unwrap_or_default()
}

fn log(told: &Told, context: &Context) {
    let (entry, reference) = (told.failure.entry, told.reference.as_str());
    let (detail, cause) = (told.failure.detail.as_deref(), told.failure.cause.as_deref());
    let (detail, cause) = (detail.map(text), cause.map(text));
    let (actor, portal) = (context.actor.as_deref(), context.portal.as_deref());
    let number = entry.number;
    if entry.status >= 500 {
        tracing::error!(number, reference, actor, portal, detail, cause, "{}", entry.en);
    } else {
        tracing::info!(number, reference, actor, portal, detail, cause, "{}", entry.en);
    }
}

fn record(request: &HttpRequest, told: &Told, context: &Context, left_out: u64) -> Record {
    let (method, path) = (method(request), loggable(request.path()));
    let failure = &told.failure;
    let portal = context.portal.as_deref().map(|portal| format!("client:{portal}"));
    Record {
        kind: Kind::Failed,
        actor: context.actor.clone().unwrap_or_else(|| "anonymous".to_owned()),
        subject: portal.unwrap_or_else(|| "server".to_owned()),
        reference: Some(told.reference.clone()),
        number: Some(failure.entry.number),
        detail: json!({
            "status": failure.entry.status,
            "detail": failure.detail.as_deref().map(text),
            "cause": failure.cause.as_deref().map(text),
            "address": address(request),
            "method": method,
            "path": path,
            "not_recorded_before": left_out,
        }),
    }
}

/// What led to a failure. Paths are cut as for the log, and of calls to WeCom nothing is kept that holds a secret.
fn trace(request: &HttpRequest, told: &Told, context: &Context) -> Trace {
    let failure = &told.failure;
    let browser = request.headers().get(USER_AGENT);
    let browser = browser.map(|agent| tame(&String::from_utf8_lossy(agent.as_bytes()), LONGEST_NAME));
    Trace {
        reference: told.reference.clone(),
        number: failure.entry.number,
        detail: fit(json!({
            "status": failure.entry.status,
            "detail": failure.detail.as_deref().map(text),
            "cause": failure.cause.as_deref().map(text),
            "actor": context.actor,
            "client_id": context.portal,
            "address": address(request),
            "browser": browser,
            "method": method(request),
            "path": loggable(request.path()),
            "trace_id": spans::trace_id(),
            "steps": context.steps,
            "wecom_calls": context.calls,
        })),
    }
}

/// Leaves out the last calls and then the last steps of a trace that is too large.
fn fit(mut trace: Value) -> Value {
    for list in ["wecom_calls", "steps"] {
        while trace.to_string().len() > LARGEST_TRACE {
            let last = trace.get_mut(list).and_then(Value::as_array_mut).and_then(Vec::pop);
            if last.is_none() {
                break;
            }
        }
    }
    trace
}

/// A detail or cause as it is kept.
fn text(text: &str) -> String {
    tame(text, LONGEST)
}

/// A text that may quote anybody: without control characters (PostgreSQL keeps no NUL), and of at most so many characters.
fn tame(text: &str, longest: usize) -> String {
    let printable = |letter: char| if letter.is_control() { ' ' } else { letter };
    text.chars().take(longest).map(printable).collect()
}

/// A path as it may be logged: without query, with long parts cut, since they may be secrets. Ids of rows (UUIDs) stay whole.
fn loggable(path: &str) -> String {
    let cut = |part: &str| match part.char_indices().nth(6) {
        Some((end, _)) if part.len() >= LONG_PART && !is_row_id(part) => {
            format!("{}…", part.get(..end).unwrap_or_default())
        }
        _ => part.to_owned(),
    };
    let parts: Vec<String> = path.split('/').map(cut).collect();
    parts.join("/").chars().take(LONGEST_PATH).collect()
}

/// A UUID with its hyphens; without them it looks like a token of ours.
fn is_row_id(part: &str) -> bool {
    part.contains('-') && uuid::Uuid::parse_str(part).is_ok()
}

#[cfg(test)]
mod tests {
    use actix_web::{test::TestRequest, web::Data};
    use serde_json::Value;

    use super::{LARGEST_TRACE, bounded, loggable, tame, tell, trace};
    use crate::web::{
        captured_log::CapturedLog,
        client_address::Proxies,
        context::{Context, WeComCall},
        failure::{Told, WebFailure},
    };

    #[test]
    fn a_failure_is_one_line_that_a_program_can_read() {
        let lines = CapturedLog::default();
        let sink = lines.clone();
        let log = tracing_subscriber::fmt()
            .json()
            .with_writer(move || sink.clone())
            .finish();
        let told = Told::of(&WebFailure::NotFound.failure().cause("why"));
        tracing::subscriber::with_default(log, || {
            let request = TestRequest::default()
                .uri("/wiki?token=not-for-the-log")
                .peer_addr("192.0.2.1:9".parse().unwrap())
                .app_data(Data::new(Proxies::default()))
                .to_http_request();
            let context = Context {
                actor: Some("user:1".to_owned()),
                portal: Some("wiki".to_owned()),
                ..Context::default()
            };
            tell(&request, &told, &context);
        });
        let text = lines.text();
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(!text.contains("not-for-the-log"), "{text}");
        let line: Value = serde_json::from_str(&text).unwrap();
        for (name, value) in [
            ("number", "WB-102"),
            ("reference", told.reference.as_str()),
            ("actor", "user:1"),
            ("portal", "wiki"),
            ("cause", "why"),
        ] {
            assert_eq!(line["fields"][name], value, "{text}");
        }
        for (name, value) in [("method", "GET"), ("path", "/wiki"), ("client", "192.0.2.1")] {
            assert_eq!(line["span"][name], value, "{text}");
        }
    }

    #[test]
    fn what_a_stranger_sent_fills_no_log() {
        let lines = CapturedLog::default();
        let sink = lines.clone();
        let log = tracing_subscriber::fmt()
            .json()
            .with_writer(move || sink.clone())
            .finish();
        let long = "https://elsewhere.example/\n".repeat(2_000);
        let told = Told::of(&WebFailure::NotFound.failure().detail(long.clone()).cause(long));
        tracing::subscriber::with_default(log, || {
            let request = TestRequest::default().to_http_request();
            tell(&request, &told, &Context::default());
        });
        let line: Value = serde_json::from_str(&lines.text()).unwrap();
        for name in ["detail", "cause"] {
            let logged = line["fields"][name].as_str().unwrap();
            assert_eq!((logged.chars().count(), logged.contains('\n')), (400, false), "{name}");
        }
    }

    #[test]
    fn a_path_keeps_ids_of_rows_and_loses_what_may_be_a_secret() {
        let token = "q3vJrXk0mXk8p2m1Yy7c9t6w5e4r3t2y1u0i9o8p7a6";
        assert_eq!(loggable(&format!("/password/{token}")), "/password/q3vJrX…");
        assert_eq!(
            loggable("/signin/confirm/0123456789abcdef0123456789abcdef"),
            "/signin/confirm/012345…",
            "a UUID without hyphens is what our tokens look like"
        );
        let user = "/api/v1/users/0198a3f4-1c2d-7e3f-8a4b-5c6d7e8f9a0b/totp";
        assert_eq!(loggable(user), user);
        assert_eq!(loggable("/"), "/");
        assert_eq!(loggable(&"/ä".repeat(500)).chars().count(), 160);
    }

    #[test]
    fn what_others_wrote_is_tamed() {
        assert_eq!(tame("a\0b\nc", 400), "a b c");
        assert_eq!(tame(&"长".repeat(1000), 400).chars().count(), 400);
    }

    #[test]
    fn a_trace_is_bounded_whatever_was_noted() {
        let call = WeComCall {
            path: "user/get",
            at: 1_767_600_000_000,
            duration_ms: 1000,
            outcome: "admin",
            errcode: Some(60011),
            hint: Some("7\0".repeat(5000)),
        };
        let context = Context {
            actor: Some("a".repeat(5000)),
            portal: Some("p".repeat(5000)),
            calls: vec![call; 64],
            ..Context::default()
        };
        let request = TestRequest::default().to_http_request();
        let told = Told::of(&WebFailure::NotFound.failure().cause("why"));
        let kept = trace(&request, &told, &bounded(&context)).detail;
        assert!(kept.to_string().len() <= LARGEST_TRACE, "{kept}");
        assert_eq!(kept["client_id"].as_str().unwrap().len(), 256);
        let calls = kept["wecom_calls"].as_array().unwrap();
        assert!(!calls.is_empty() && calls.len() < 64, "{kept}");
        assert_eq!(calls[0]["hint"], "7 ".repeat(128));
    }
}
