//! Reading requests: size limits, and our failures for what cannot be read.

use std::future::ready;

use actix_web::{
    FromRequest, HttpMessage, HttpRequest, HttpResponse, Route,
    dev::Payload,
    error::{InternalError, UrlencodedError},
    guard,
    http::header::{ALLOW, HeaderValue, IF_NONE_MATCH},
    mime,
    web::{self, Bytes},
};
use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, de::DeserializeOwned};

use super::{failure::WebFailure, page};
use crate::kernel::{
    entity_tag::{EntityTag, IfNoneMatch},
    failure::{Failure, Result},
    json::{self, Kind, Unreadable},
    validation::ValidationErrors,
};

/// Largest body of the admin API, bytes.
pub const JSON_LIMIT: usize = 1024 * 1024;
/// Largest form body, bytes.
pub const FORM_LIMIT: usize = 64 * 1024;

/// A body that is a JSON object, read as `T`: the only way a handler reads JSON. At most 1 MiB; all faults are told at once, by the
/// fields' names.
pub struct JsonObject<T>(pub T);

/// As [`JsonObject`], of a body that may be left out.
pub struct OptionalObject<T>(pub T);

/// For operations that need no body: it may be left out or be an empty object, since some clients always send one.
pub type NoBody = OptionalObject<Nothing>;

/// An object without fields.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

impl<T: DeserializeOwned + 'static> FromRequest for JsonObject<T> {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if !is_json(request) {
            return Box::pin(ready(Err(WebFailure::UnsupportedMediaType.into())));
        }
        let body = body(request, payload);
        Box::pin(async move { json::read(&body.await?).map(Self).map_err(unreadable) })
    }
}

impl<T: DeserializeOwned + Default + 'static> FromRequest for OptionalObject<T> {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = body(request, payload);
        Box::pin(async move {
            let body = body.await?;
            if body.is_empty() {
                return Ok(Self(T::default()));
            }
            json::read(&body).map(Self).map_err(unreadable)
        })
    }
}

/// Whether the reader has this state of what they ask for (`If-None-Match`). A header that cannot be read counts for nothing: the whole answer
/// is right for everybody.
pub fn reader_has(request: &HttpRequest, tag: &EntityTag) -> bool {
    let lines = request.headers().get_all(IF_NONE_MATCH).map(HeaderValue::as_bytes);
    IfNoneMatch::parse(lines).is_ok_and(|known| known.has(tag))
}

/// Whether the content type is JSON, or one that is written in it (RFC 6839 §3.1) like `application/merge-patch+json`.
fn is_json(request: &HttpRequest) -> bool {
    let media = request.mime_type().ok().flatten();
    media.is_some_and(|media| media.subtype() == mime::JSON || media.suffix() == Some(mime::JSON))
}

/// Reads the body up to the limit of the admin API.
pub fn body(request: &HttpRequest, payload: &mut Payload) -> impl Future<Output = Result<Bytes>> + use<> {
    let payload = web::Payload::from_request(request, payload);
    async move {
        let payload = payload
            .await
            .map_err(|error| WebFailure::Malformed.failure().cause(error))?;
        match payload.to_bytes_limited(JSON_LIMIT).await {
            Ok(Ok(body)) => Ok(body),
            Ok(Err(error)) => Err(WebFailure::Malformed.failure().cause(error)),
            Err(_) => Err(WebFailure::TooLarge.into()),
        }
    }
}

/// The query string, read as `T`: names that `T` does not know are refused with those it knows.
///
/// # Errors
/// `WB-101`, and `WB-170` for control characters.
pub fn query_of<T: DeserializeOwned>(request: &HttpRequest) -> Result<T> {
    let pairs = url::form_urlencoded::parse(request.query_string().as_bytes());
    json::query(pairs).map_err(|unreadable| {
        let (kind, faults) = numbered(unreadable);
        faults.into_query_failure(kind.entry())
    })
}

fn unreadable(unreadable: Unreadable) -> Failure {
    let (kind, faults) = numbered(unreadable);
    faults.into_failure(kind.entry())
}

/// The worst kind of the faults, and all of them, each with its own number.
fn numbered(unreadable: Unreadable) -> (WebFailure, ValidationErrors) {
    let kind = match unreadable.kind {
        Kind::Syntax | Kind::Shape => WebFailure::Malformed,
        Kind::Characters => WebFailure::ControlCharacters,
    };
    let mut faults = unreadable.shape.numbered(WebFailure::Malformed.entry());
    faults.append(unreadable.characters.numbered(WebFailure::ControlCharacters.entry()));
    (kind, faults)
}

/// Form bodies: at most 64 KiB. What a parser says of one is not repeated: a password may stand in it.
pub fn form() -> web::FormConfig {
    web::FormConfig::default()
        .limit(FORM_LIMIT)
        .error_handler(|error, request| {
            let failure: Failure = match &error {
                UrlencodedError::Overflow { .. } => WebFailure::TooLarge.failure(),
                UrlencodedError::ContentType => WebFailure::UnsupportedMediaType.failure(),
                _ => WebFailure::Malformed
                    .failure()
                    .detail("form: a field is missing, or there twice"),
            };
            refused(failure, request)
        })
}

/// Query strings of pages; what cannot be read is `WB-101`.
pub fn query() -> web::QueryConfig {
    web::QueryConfig::default().error_handler(|_, request| {
        let failure = WebFailure::Malformed.failure();
        refused(failure.detail("query: a parameter is missing, or there twice"), request)
    })
}

/// Path parameters: what does not parse does not exist (`WB-102`).
pub fn path() -> web::PathConfig {
    web::PathConfig::default().error_handler(|_, request| refused(WebFailure::NotFound.failure(), request))
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
        let page = page::failed_at(request, &failure);
        return InternalError::from_response(failure, page).into();
    }
    failure.into()
}
