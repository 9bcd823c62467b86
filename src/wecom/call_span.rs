//! The span of a call to WeCom (OpenTelemetry's conventions for HTTP clients).

use std::time::{Duration, Instant};

use super::api_request::ApiRequest;
use crate::kernel::spans::{Attribute, Finished, Kind};

/// Longest hint kept, characters.
const LONGEST_HINT: usize = 80;

/// Measures a call.
#[expect(clippy::disallowed_methods, reason = "how long a call took, for its span alone")]
pub(super) fn timer() -> Instant {
    Instant::now()
}

/// The span of a call; the query and the body hold secrets.
pub(super) fn span(ask: &ApiRequest, (outcome, errcode): (&'static str, Option<i64>), took: Duration) -> Finished {
    let method = if ask.body.is_some() { "POST" } else { "GET" };
    let template = format!("/cgi-bin/{}", ask.call);
    let mut attributes: Vec<Attribute> = vec![
        ("http.request.method", method.into()),
        ("url.template", template.clone().into()),
    ];
    attributes.extend(errcode.map(|errcode| ("menjin.wecom.errcode", errcode.into())));
    let failed = (outcome != "ok").then_some(outcome);
    attributes.extend(failed.map(|why| ("error.type", why.into())));
    Finished {
        kind: Kind::Client,
        name: format!("{method} {template}").into(),
        took,
        attributes,
        failed: failed.map(Into::into),
        looked: false,
    }
}

/// The number in WeCom's words by which its support finds a call: `hint: [1600…]` (reference 1.1).
pub(super) fn hint(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("hint: [")?;
    let (hint, _) = rest.split_once(']')?;
    Some(hint.chars().take(LONGEST_HINT).collect())
}
