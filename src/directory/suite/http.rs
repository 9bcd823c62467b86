//! HTTP handlers of `/wecom/suites/{id}/command` and `/wecom/suites/{id}/data/{corp}`: WeCom verifies both with GET and delivers with POST.

use actix_web::{
    Error, HttpRequest, HttpResponse,
    error::PayloadError,
    web::{Bytes, Data, Path, PayloadConfig, ServiceConfig, get, post, resource},
};
use uuid::Uuid;

use super::{failure::SuiteFailure, model::Callback, service::Suites};
use crate::{
    directory::wecom_events::signed::Signed,
    kernel::failure::{Failure, Result},
    web::{failure::WebFailure, input},
    wecom::callback::{CallbackError, LARGEST_BODY},
};

/// What acknowledges a push; anything else is an error text to WeCom (reference 6.5).
const ACKNOWLEDGED: &str = "success";

/// Mounts the routes. The handlers take `Data<Suites>`.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(
            resource("/wecom/suites/{suite}/command")
                .app_data(PayloadConfig::new(LARGEST_BODY))
                .route(get().to(verify_command))
                .route(post().to(receive_push))
                .default_service(input::method_not_allowed("GET, POST")),
        )
        .service(
            resource("/wecom/suites/{suite}/data/{corp}")
                .app_data(PayloadConfig::new(LARGEST_BODY))
                .route(get().to(verify_data))
                .route(post().to(receive_event))
                .default_service(input::method_not_allowed("GET, POST")),
        );
}

async fn verify_command(request: HttpRequest, suites: Data<Suites>, suite: Path<String>) -> Result<HttpResponse> {
    verify(&suites, (id(&suite)?, None), &Signed::of(request.query_string())).await
}

async fn verify_data(request: HttpRequest, suites: Data<Suites>, path: Path<(String, String)>) -> Result<HttpResponse> {
    let (suite, corp_id) = path.into_inner();
    verify(
        &suites,
        (id(&suite)?, Some(&corp_id)),
        &Signed::of(request.query_string()),
    )
    .await
}

/// Answers the decrypted bytes exactly, within a second (reference 6.4).
async fn verify(suites: &Suites, (suite, corp_id): (Uuid, Option<&str>), signed: &Signed) -> Result<HttpResponse> {
    let callback = corp_id.map_or(Callback::Command, |_| Callback::Data);
    match suites.verify(suite, corp_id, (signed.query(), &signed.echostr)).await {
        Ok(echo) => Ok(HttpResponse::Ok()
            .content_type("text/plain")
            .insert_header(("cache-control", "no-store"))
            .body(echo)),
        Err(failure) => Err(suites.refused((suite, callback), failure).await),
    }
}

async fn receive_push(
    request: HttpRequest,
    suites: Data<Suites>,
    suite: Path<String>,
    body: std::result::Result<Bytes, Error>,
) -> Result<HttpResponse> {
    let (suite, signed) = (id(&suite)?, Signed::of(request.query_string()));
    let received = match body {
        Ok(body) => suites.receive_push(suite, signed.query(), &body).await,
        Err(error) => Err(unreadable(&error)),
    };
    match received {
        Ok(after) => {
            suites.go_on(suite, after);
            Ok(HttpResponse::Ok().content_type("text/plain").body(ACKNOWLEDGED))
        }
        Err(failure) => Err(suites.refused((suite, Callback::Command), failure).await),
    }
}

/// An empty 200 acknowledges an event, as one of a self-built app (reference 6.5).
async fn receive_event(
    request: HttpRequest,
    suites: Data<Suites>,
    path: Path<(String, String)>,
    body: std::result::Result<Bytes, Error>,
) -> Result<HttpResponse> {
    let (suite, corp_id) = path.into_inner();
    let (suite, signed) = (id(&suite)?, Signed::of(request.query_string()));
    let received = match body {
        Ok(body) => suites.receive_event((suite, &corp_id), signed.query(), &body).await,
        Err(error) => Err(unreadable(&error)),
    };
    match received {
        Ok(event) => {
            suites.go_on_with(event);
            Ok(HttpResponse::Ok().finish())
        }
        Err(failure) => Err(suites.refused((suite, Callback::Data), failure).await),
    }
}

fn id(suite: &str) -> Result<Uuid> {
    suite.parse().map_err(|_| SuiteFailure::UnknownCallback.failure())
}

fn unreadable(error: &Error) -> Failure {
    match error.as_error::<PayloadError>() {
        Some(PayloadError::Overflow) => CallbackError::TooLarge.into(),
        _ => WebFailure::Malformed.failure().cause(error),
    }
}
