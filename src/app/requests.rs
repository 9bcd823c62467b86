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
use serde_json::json;
use tracing::{Instrument, Span};

use crate::{
    audit::{
        Kind, Record, Trace,
        record_limit::Source,
        recorder::{self, Recorder},
    },
    telemetry::metrics,
    web::{
        client_address::{Proxies, networks},
        context::{self, Context},
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
    let (response, context) = if HOT.contains(&request.path()) {
        context::scope(next.call(request)).await
    } else {
        let span = span(request.request());
        context::scope(next.call(request)).instrument(span).await
    };
    let mut response = response?;
    if let Some(told) = Told::take(response.response_mut()) {
        tell(response.request(), &told, &context);
    }
    Ok(response)
}

/// Method, path and client address, for every line that is logged while the request is served.
fn span(request: &HttpRequest) -> Span {
    let client = address(request);
    tracing::error_span!("request", method = %request.method(), path = %loggable(request.path()), client)
}

fn address(request: &HttpRequest) -> Option<String> {
    let proxies = request.app_data::<Data<Proxies>>()?;
    proxies.client(request).map(|address| address.to_string())
}

fn tell(request: &HttpRequest, told: &Told, context: &Context) {
    metrics::failure(told.failure.entry.number);
    span(request).in_scope(|| log(told, context));
    if let Some(recorder) = request.app_data::<Data<Recorder>>() {
        let source = match &context.actor {
            Some(actor) => Source::Known(actor.clone()),
            None => Source::Stranger(network(request)),
        };
        recorder.record(source, |left_out| recorder::Told {
            // The gate has recorded its refusals with all of its checks.
            record: match told.failure.recorded {
                Some(_) => None,
                None => Some(record(request, told, context, left_out)),
            },
            trace: trace(request, told, context),
        });
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
    let (actor, portal) = (context.actor.as_deref(), context.portal.as_deref());
    let number = entry.number;
    if entry.status >= 500 {
        tracing::error!(number, reference, actor, portal, detail, cause, "{}", entry.en);
    } else {
        tracing::info!(number, reference, actor, portal, detail, cause, "{}", entry.en);
    }
}

fn record(request: &HttpRequest, told: &Told, context: &Context, left_out: u64) -> Record {
    let (method, path) = (request.method().as_str(), loggable(request.path()));
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
            "detail": failure.detail.as_deref().map(tame),
            "cause": failure.cause.as_deref().map(tame),
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
    let browser = browser.map(|agent| tame(&String::from_utf8_lossy(agent.as_bytes())));
    Trace {
        reference: told.reference.clone(),
        number: failure.entry.number,
        detail: json!({
            "status": failure.entry.status,
            "detail": failure.detail.as_deref().map(tame),
            "cause": failure.cause.as_deref().map(tame),
            "actor": context.actor,
            "client_id": context.portal,
            "address": address(request),
            "browser": browser,
            "method": request.method().as_str(),
            "path": loggable(request.path()),
            "steps": context.steps,
            "wecom_calls": context.calls,
        }),
    }
}

/// A text that may quote anybody: without control characters (PostgreSQL keeps no NUL), and of bounded length.
fn tame(text: &str) -> String {
    let printable = |letter: char| if letter.is_control() { ' ' } else { letter };
    text.chars().take(LONGEST).map(printable).collect()
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

    use super::{loggable, tame, tell};
    use crate::web::{
        captured_log::CapturedLog,
        client_address::Proxies,
        context::Context,
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
        assert_eq!(tame("a\0b\nc"), "a b c");
        assert_eq!(tame(&"长".repeat(1000)).chars().count(), 400);
    }
}
