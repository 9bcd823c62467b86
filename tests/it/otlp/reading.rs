//! What the spans that arrived are asked.

use simulator::sample;

use super::collector::{Collector, Recorded};
use crate::{
    actors::VERIFIER,
    fixture::{ADMIN_TOKEN, Fixture},
};

/// The only span of this name.
pub(super) fn named<'a>(spans: &'a [Recorded], name: &str) -> &'a Recorded {
    let all: Vec<&Recorded> = spans.iter().filter(|span| span.name() == name).collect();
    let names: Vec<&str> = spans.iter().map(Recorded::name).collect();
    assert_eq!(all.len(), 1, "{name} among {names:?}");
    all[0]
}

/// The parts of a span.
pub(super) fn parts<'a>(spans: &'a [Recorded], of: &Recorded) -> Vec<&'a Recorded> {
    spans.iter().filter(|span| span.is_part_of(of)).collect()
}

/// Asserts that a span of this name is a part of that one.
pub(super) fn assert_part(spans: &[Recorded], of: &Recorded, name: &str) {
    let parts = parts(spans, of);
    let names: Vec<&str> = parts.iter().map(|part| part.name()).collect();
    assert!(names.contains(&name), "{name} is no part of {}: {names:?}", of.name());
}

/// The spans of the trace that a request to the authorization endpoint began.
pub(super) fn of_sign_in(collector: &Collector) -> Vec<Recorded> {
    let mut spans = collector.spans();
    let trace = named(&spans, "GET /oauth2/authorize").0.trace_id.clone();
    spans.retain(|span| span.0.trace_id == trace);
    spans
}

/// Every part lies within what it is a part of, where both were recorded in one request.
pub(super) fn assert_within(spans: &[Recorded]) {
    for part in spans.iter().filter(|span| span.0.kind != 2) {
        let whole = spans.iter().find(|other| part.is_part_of(other));
        let whole = whole.unwrap_or_else(|| panic!("{} is a part of nothing", part.name()));
        let (a, b) = (&part.0, &whole.0);
        assert!(a.start_time_unix_nano >= b.start_time_unix_nano, "{part:?} {whole:?}");
        assert!(a.end_time_unix_nano <= b.end_time_unix_nano, "{part:?} {whole:?}");
    }
}

/// No secret, nothing of the person, and no name under which a secret travels is in what was exported.
pub(super) fn assert_no_secret(collector: &Collector, fixture: &Fixture, secrets: &[String]) {
    let known = [
        sample::APP_SECRET,
        sample::CONTACTS_SECRET,
        ADMIN_TOKEN,
        VERIFIER,
        sample::NORMAL,
        "李华",
        "19900000001",
        "lihua@mail.example",
        "lihua@qingyun.example",
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
