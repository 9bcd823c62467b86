//! HTTP handlers of dynamic client registration and its management (RFC 7591, RFC 7592): JSON in, JSON out, each with a bearer token.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header::CONTENT_TYPE},
    web::{Bytes, Data, Path, Payload},
};

use super::reply;
use crate::{
    oidc::{
        failure::{Fault, OidcFailure},
        provider::Provider,
        registration::dynamic::{failure::DynamicFailure, service::RegistrationAccess},
    },
    web::input::FORM_LIMIT,
};

pub(super) async fn create(request: HttpRequest, payload: Payload, provider: Data<Provider>) -> HttpResponse {
    let answer = async {
        let token = bearer(&request)?;
        let body = body(&request, payload).await?;
        provider.registrations().register(provider.issuer(), token, &body).await
    };
    match answer.await {
        Ok(document) => {
            let mut created = reply::json(&document);
            *created.status_mut() = StatusCode::CREATED;
            created
        }
        Err(fault) => refuse(&fault),
    }
}

pub(super) async fn read(request: HttpRequest, client_id: Path<String>, provider: Data<Provider>) -> HttpResponse {
    let answer = async {
        let token = bearer(&request)?;
        provider.registrations().own(&own(&provider, &client_id, token)).await
    };
    answer
        .await
        .map_or_else(|fault| refuse(&fault), |document| reply::json(&document))
}

pub(super) async fn replace(
    request: HttpRequest,
    client_id: Path<String>,
    payload: Payload,
    provider: Data<Provider>,
) -> HttpResponse {
    let answer = async {
        let token = bearer(&request)?;
        let body = body(&request, payload).await?;
        let own = own(&provider, &client_id, token);
        provider.registrations().replace_own(&own, &body).await
    };
    answer
        .await
        .map_or_else(|fault| refuse(&fault), |document| reply::json(&document))
}

pub(super) async fn delete(request: HttpRequest, client_id: Path<String>, provider: Data<Provider>) -> HttpResponse {
    let answer = async {
        let token = bearer(&request)?;
        let own = own(&provider, &client_id, token);
        provider.registrations().delete_own(&own).await
    };
    match answer.await {
        Ok(()) => HttpResponse::NoContent()
            .insert_header(("cache-control", "no-store"))
            .finish(),
        Err(fault) => refuse(&fault),
    }
}

/// The bearer token of the Authorization header (RFC 6750 §2.1).
fn bearer(request: &HttpRequest) -> Result<&str, Fault> {
    let header = reply::authorization(request).and_then(|header| header.split_once(' '));
    let token = header.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    token
        .map(|(_, token)| token.trim())
        .ok_or_else(|| OidcFailure::TokenMissing.into())
}

fn own<'a>(provider: &'a Provider, client_id: &'a str, token: &'a str) -> RegistrationAccess<'a> {
    RegistrationAccess {
        issuer: provider.issuer(),
        client_id,
        token,
    }
}

/// Reads the body of a registration: `application/json` (RFC 7591 §3.1), at most 64 KiB.
async fn body(request: &HttpRequest, payload: Payload) -> Result<Bytes, Fault> {
    let media = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let media = media.and_then(|value| value.split(';').next()).unwrap_or_default();
    if !media.trim().eq_ignore_ascii_case("application/json") {
        return Err(DynamicFailure::Body.because("content-type"));
    }
    match payload.to_bytes_limited(FORM_LIMIT).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => Err(DynamicFailure::Body.into()),
        Err(_) => Err(DynamicFailure::BodyTooLarge.into()),
    }
}

fn refuse(fault: &Fault) -> HttpResponse {
    let challenged = fault.failure.entry.status == 401;
    reply::fault(fault, challenged.then_some("Bearer"))
}
