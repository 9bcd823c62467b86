//! HTTP handlers of `/wecom/events/{endpoint}`: WeCom verifies the callback URL with GET and delivers events with POST.

use actix_web::{
    Error, HttpRequest, HttpResponse,
    error::PayloadError,
    web::{Bytes, Data, Path, PayloadConfig, ServiceConfig, get, post, resource},
};
use uuid::Uuid;

use super::{failure::CallbackFailure, service::Callbacks, signed::Signed};
use crate::{
    kernel::failure::{Failure, Result},
    web::{failure::WebFailure, input},
    wecom::callback::{CallbackError, LARGEST_BODY},
};

/// Mounts the routes. The handlers take `Data<Callbacks>`.
pub fn routes(config: &mut ServiceConfig) {
    config.service(
        resource("/wecom/events/{endpoint}")
            .app_data(PayloadConfig::new(LARGEST_BODY))
            .route(get().to(verify))
            .route(post().to(receive))
            .default_service(input::method_not_allowed("GET, POST")),
    );
}

/// URL verification: answers the decrypted bytes exactly, within a second (reference 6.4).
async fn verify(request: HttpRequest, callbacks: Data<Callbacks>, endpoint: Path<String>) -> Result<HttpResponse> {
    let (signed, endpoint) = (Signed::of(request.query_string()), id(&endpoint)?);
    let echo = match callbacks.verify(endpoint, signed.query(), &signed.echostr).await {
        Ok(echo) => echo,
        Err(failure) => return Err(callbacks.refused(endpoint, failure).await),
    };
    Ok(HttpResponse::Ok()
        .content_type("text/plain")
        .insert_header(("cache-control", "no-store"))
        .body(echo))
}

/// Receives an event. An empty 200 within five seconds acknowledges it; anything else has WeCom deliver again (reference 6.5). So acting
/// comes after the reply.
async fn receive(
    request: HttpRequest,
    callbacks: Data<Callbacks>,
    endpoint: Path<String>,
    body: std::result::Result<Bytes, Error>,
) -> Result<HttpResponse> {
    let endpoint = endpoint.into_inner();
    let body = match body {
        Ok(body) => body,
        Err(error) => {
            let failure = unreadable(&error);
            return Err(match id(&endpoint) {
                Ok(endpoint) => callbacks.refused(endpoint, failure).await,
                Err(_) => failure,
            });
        }
    };
    let (signed, endpoint) = (Signed::of(request.query_string()), id(&endpoint)?);
    match callbacks.receive(endpoint, signed.query(), &body).await {
        Ok(task) => task.into_iter().for_each(|task| callbacks.spawn_handling(task)),
        Err(failure) => return Err(callbacks.refused(endpoint, failure).await),
    }
    Ok(HttpResponse::Ok().finish())
}

fn id(endpoint: &str) -> Result<Uuid> {
    endpoint.parse().map_err(|_| CallbackFailure::UnknownEndpoint.failure())
}

fn unreadable(error: &Error) -> Failure {
    match error.as_error::<PayloadError>() {
        Some(PayloadError::Overflow) => CallbackError::TooLarge.into(),
        _ => WebFailure::Malformed.failure().cause(error),
    }
}
