//! Replies and request parsing of the endpoints that programs call: JSON, errors, `WWW-Authenticate`, CORS, forms, DPoP headers.

use actix_web::{
    HttpRequest, HttpResponse, Route,
    http::{
        Method, StatusCode,
        header::{
            ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE,
            HeaderName, HeaderValue, WWW_AUTHENTICATE,
        },
    },
    web::{Bytes, Payload, method},
};
use serde::Serialize;

use crate::{
    oidc::{
        dpop::key::ALGORITHMS,
        failure::{Fault, OidcFailure},
        provider::Provider,
    },
    web::{failure::Told, input::FORM_LIMIT},
};

/// The error response (RFC 6749 §5.2). `reference` leads to log line and audit event; clients ignore members they do not know.
#[derive(Serialize)]
struct ErrorBody<'a> {
    error: &'a str,
    error_description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<&'a str>,
}

/// CORS header for any origin: these endpoints take no cookie, so foreign pages have nothing to abuse.
pub(super) fn any_origin() -> (HeaderName, HeaderValue) {
    (ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"))
}

fn no_store() -> (HeaderName, HeaderValue) {
    (CACHE_CONTROL, HeaderValue::from_static("no-store"))
}

/// A JSON reply that must not be cached.
pub(super) fn json(value: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(no_store())
        .insert_header(any_origin())
        .json(value)
}

/// A JWT reply that must not be cached.
pub(super) fn jwt(jwt: String) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(no_store())
        .insert_header(any_origin())
        .content_type("application/jwt")
        .body(jwt)
}

/// A fault as JSON, under a reference unless it is a normal answer. `challenge` names the scheme to ask for, where the status is 401.
pub(super) fn fault(fault: &Fault, challenge: Option<&str>) -> HttpResponse {
    let told = (!fault.is_normal()).then(|| Told::of(&fault.failure));
    let reference = told.as_ref().map(|told| told.reference.as_str());
    let status = StatusCode::from_u16(fault.failure.entry.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let description = fault.description(reference);
    let mut reply = HttpResponse::build(status);
    reply.insert_header(no_store()).insert_header(any_origin());
    if let Some(scheme) = challenge {
        reply.insert_header((WWW_AUTHENTICATE, challenge_of(scheme, fault, &description)));
        reply.insert_header(("access-control-expose-headers", "www-authenticate"));
    }
    let reply = reply.json(ErrorBody {
        error: fault.error,
        error_description: description,
        reference,
    });
    match told {
        Some(told) => told.in_reply(reply),
        None => reply,
    }
}

/// The `WWW-Authenticate` challenge. A request without a token gets no error code (RFC 6750 §3); `DPoP` names the algorithms
/// (RFC 9449 §7.1).
pub(super) fn challenge_of(scheme: &str, fault: &Fault, description: &str) -> String {
    let scheme = match scheme {
        "DPoP" => format!("DPoP algs=\"{}\",", ALGORITHMS.join(" ")),
        scheme => scheme.to_owned(),
    };
    if scheme == "Basic" || fault.failure.entry.number == OidcFailure::TokenMissing.entry().number {
        return format!("{scheme} realm=\"menjin\"");
    }
    format!(
        "{scheme} realm=\"menjin\", error=\"{}\", error_description=\"{description}\"",
        fault.error
    )
}

/// Reads the form of a request: the right content type, at most 64 KiB.
pub(super) async fn form(request: &HttpRequest, payload: Payload) -> Result<Bytes, Fault> {
    let media = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let media = media.and_then(|value| value.split(';').next()).unwrap_or_default();
    if !media.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(OidcFailure::BodyUnreadable.because("content-type"));
    }
    match payload.to_bytes_limited(FORM_LIMIT).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => Err(OidcFailure::BodyUnreadable.into()),
        Err(_) => Err(OidcFailure::BodyTooLarge.into()),
    }
}

/// The Authorization header; one that is no text counts as present and invalid.
pub(super) fn authorization(request: &HttpRequest) -> Option<&str> {
    let header = request.headers().get(AUTHORIZATION)?;
    Some(header.to_str().unwrap_or_default())
}

/// The `DPoP` header (RFC 9449 §4.1). Several, or one that is no text, count as one invalid proof.
pub(in crate::oidc) fn dpop(request: &HttpRequest) -> Option<&str> {
    let mut headers = request.headers().get_all("dpop");
    let first = headers.next()?;
    let only = headers.next().is_none();
    Some(first.to_str().ok().filter(|_| only).unwrap_or_default())
}

/// Adds the `DPoP-Nonce` for the next proof, where the request had a proof (RFC 9449 §8.2).
pub(super) fn with_nonce(request: &HttpRequest, provider: &Provider, mut answer: HttpResponse) -> HttpResponse {
    let nonce = dpop(request).and_then(|_| provider.dpop_nonce());
    if let Some(nonce) = nonce.and_then(|nonce| HeaderValue::try_from(nonce).ok()) {
        let exposed = HeaderValue::from_static("dpop-nonce, www-authenticate");
        answer
            .headers_mut()
            .insert(HeaderName::from_static("dpop-nonce"), nonce);
        answer.headers_mut().insert(ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
    answer
}

/// Answers CORS preflight requests.
pub(super) fn preflight() -> Route {
    method(Method::OPTIONS).to(|| async {
        HttpResponse::NoContent()
            .insert_header(any_origin())
            .insert_header(("access-control-allow-methods", "GET, POST, OPTIONS"))
            .insert_header(("access-control-allow-headers", "authorization, content-type, dpop"))
            .insert_header(("access-control-max-age", "86400"))
            .finish()
    })
}
