//! The span of a request (OpenTelemetry's conventions for HTTP servers). No query, no cookie, no header but `traceparent`; of the
//! person nothing but the address they come from.

use actix_web::{HttpRequest, dev::ServiceResponse, web::Data};

use crate::{
    kernel::{
        clock::Timestamp,
        spans::{self, Attribute, Kind, Parent, Root},
    },
    web::{context::Context, failure::Told},
};

/// Methods that have names; anybody may send a word of their own.
const METHODS: [&str; 7] = ["GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// What of a request's span the configuration decides.
#[derive(Clone, Copy, Debug)]
pub(super) struct SpanSettings {
    /// Whether the `traceparent` of requests is believed.
    pub believed: bool,
    /// `public_url` is https. What `X-Forwarded-Proto` says anybody may have written.
    pub https: bool,
}

impl SpanSettings {
    fn of(request: &HttpRequest) -> Option<Self> {
        request.app_data::<Data<Self>>().map(|of| *of.get_ref())
    }
}

/// Begins it; `None` while nothing is recorded.
pub(super) fn begin(request: &HttpRequest) -> Option<Root> {
    if !spans::on() {
        return None;
    }
    let trusted = SpanSettings::of(request).is_some_and(|of| of.believed);
    let header = request.headers().get("traceparent").filter(|_| trusted);
    let parent = header.and_then(|header| Parent::parse(header.to_str().ok()?));
    spans::begin(Kind::Server, method(request), parent)
}

fn method(request: &HttpRequest) -> &'static str {
    let known = METHODS.iter().find(|method| **method == request.method().as_str());
    known.copied().unwrap_or("HTTP")
}

/// Notes in it what was noted of the request: its portal, and the steps that were taken in it.
pub(super) fn note(context: &Context) {
    spans::attributes(|| {
        let portal = context.portal.clone();
        portal
            .map(|portal| ("menjin.client_id", portal.into()))
            .into_iter()
            .collect()
    });
    for step in &context.steps {
        spans::event(step.step, Some(Timestamp::from_millis(step.at)), Vec::new);
    }
}

/// Notes a failure that is told, under the code that is shown: by it an admin finds the trace.
pub(super) fn failure(told: &Told) {
    let number = told.failure.entry.number;
    spans::attributes(|| {
        vec![
            ("menjin.number", number.into()),
            ("menjin.reference", told.reference.clone().into()),
            ("error.type", number.into()),
        ]
    });
    // A refusal is no failure of the server.
    if told.failure.entry.status >= 500 {
        spans::failed(number);
    }
}

/// Names it by what was matched, and says how it was answered. `path` as it may be logged.
pub(super) fn tell<B>(root: &Root, response: &ServiceResponse<B>, (path, address): (String, Option<String>)) {
    let request = response.request();
    let (method, route, status) = (method(request), request.match_pattern(), response.status().as_u16());
    if let Some(route) = &route {
        root.name(format!("{method} {route}"));
    }
    root.attributes(|| {
        let named = if method == "HTTP" { "_OTHER" } else { method };
        let mut known: Vec<Attribute> = vec![
            ("http.request.method", named.into()),
            ("http.response.status_code", i64::from(status).into()),
            ("url.path", path.into()),
        ];
        let scheme = |https| if https { "https" } else { "http" };
        known.extend(SpanSettings::of(request).map(|of| ("url.scheme", scheme(of.https).into())));
        known.extend(route.map(|route| ("http.route", route.into())));
        known.extend(address.map(|address| ("client.address", address.into())));
        known
    });
    if status >= 500 {
        root.failed(status.to_string());
    }
}
