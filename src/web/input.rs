//! Reading requests: size limits, and our failures for what cannot be read.

use actix_web::{
    HttpRequest, HttpResponse, Route,
    error::{InternalError, JsonPayloadError, UrlencodedError},
    guard,
    http::header::{ALLOW, HeaderValue},
    web,
};

use super::{failure::WebFailure, page};
use crate::kernel::failure::Failure;

/// Largest body of the admin API, bytes.
pub const JSON_LIMIT: usize = 1024 * 1024;
/// Largest form body, bytes.
pub const FORM_LIMIT: usize = 64 * 1024;

/// JSON bodies: at most 1 MiB; anything unreadable is a 4xx problem with the field's name.
pub fn json() -> web::JsonConfig {
    web::JsonConfig::default()
        .limit(JSON_LIMIT)
        .error_handler(|error, _: &HttpRequest| unreadable_json(&error).into())
}

/// Form bodies: at most 64 KiB.
pub fn form() -> web::FormConfig {
    web::FormConfig::default()
        .limit(FORM_LIMIT)
        .error_handler(|error, request| {
            let failure: Failure = match &error {
                UrlencodedError::Overflow { .. } => WebFailure::TooLarge.failure(),
                UrlencodedError::ContentType => WebFailure::UnsupportedMediaType.failure(),
                other => WebFailure::Malformed.failure().cause(other),
            };
            refused(failure, request)
        })
}

/// Query strings; what cannot be read is `WB-101`.
pub fn query() -> web::QueryConfig {
    web::QueryConfig::default()
        .error_handler(|error, request| refused(WebFailure::Malformed.failure().detail(error.to_string()), request))
}

/// Path parameters: what does not parse does not exist (`WB-102`).
pub fn path() -> web::PathConfig {
    web::PathConfig::default()
        .error_handler(|error, request| refused(WebFailure::NotFound.failure().detail(error.to_string()), request))
}

/// A route for reading: GET, and HEAD for a client that only checks whether it is there (RFC 9110 §9.3.2), as load balancers do.
pub fn get_or_head() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

/// The reply to every other method: 405 with the methods the resource takes (RFC 9110 §15.5.6).
pub fn method_not_allowed(methods: &'static str) -> Route {
    web::to(move |request: HttpRequest| async move {
        let refused = refused(WebFailure::MethodNotAllowed.failure(), &request);
        let mut response = HttpResponse::from_error(refused);
        response.headers_mut().insert(ALLOW, HeaderValue::from_static(methods));
        response
    })
}

/// A failure before any handler ran: a page for a client that accepts HTML (RFC 9110 §12.5.1), else a problem.
pub fn refused(failure: Failure, request: &HttpRequest) -> actix_web::Error {
    let accept = request.headers().get("accept").and_then(|value| value.to_str().ok());
    if accept.is_some_and(|kinds| kinds.contains("text/html")) {
        let page = page::failed(page::language(request), &failure);
        return InternalError::from_response(failure, page).into();
    }
    failure.into()
}

fn unreadable_json(error: &JsonPayloadError) -> Failure {
    match error {
        JsonPayloadError::OverflowKnownLength { .. } | JsonPayloadError::Overflow { .. } => {
            WebFailure::TooLarge.failure()
        }
        JsonPayloadError::ContentType => WebFailure::UnsupportedMediaType.failure(),
        other => WebFailure::Malformed.failure().detail(other.to_string()),
    }
}
