//! HTTP handlers of the endpoints that portals call from their servers: token, introspection, revocation, pushed authorization requests
//! (PAR).

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Bytes, Data, Payload},
};

use super::{
    reply,
    visitor::{self, with_retry_after},
};
use crate::oidc::{
    failure::{Fault, OidcFailure},
    provider::Provider,
    token::client_request::ClientRequest,
};

pub(super) async fn token(request: HttpRequest, payload: Payload, provider: Data<Provider>) -> HttpResponse {
    let answer = match reply::form(&request, payload).await {
        Ok(form) => provider.token(call(&request, &form)).await,
        Err(fault) => Err(fault),
    };
    let answer = answer.map_or_else(|fault| refuse(&request, &fault), |tokens| reply::json(&tokens));
    reply::with_nonce(&request, &provider, answer)
}

pub(super) async fn introspect(request: HttpRequest, payload: Payload, provider: Data<Provider>) -> HttpResponse {
    let answer = match reply::form(&request, payload).await {
        Ok(form) => provider.introspect(call(&request, &form)).await,
        Err(fault) => Err(fault),
    };
    answer.map_or_else(|fault| refuse(&request, &fault), |known| reply::json(&known))
}

pub(super) async fn revoke(request: HttpRequest, payload: Payload, provider: Data<Provider>) -> HttpResponse {
    let answer = match reply::form(&request, payload).await {
        Ok(form) => provider.revoke(call(&request, &form)).await,
        Err(fault) => Err(fault),
    };
    answer.map_or_else(
        |fault| refuse(&request, &fault),
        |()| reply::json(&serde_json::json!({})),
    )
}

pub(super) async fn push(request: HttpRequest, payload: Payload, provider: Data<Provider>) -> HttpResponse {
    let answer = match reply::form(&request, payload).await {
        Ok(form) => provider.push(call(&request, &form)).await,
        Err(fault) => Err(fault),
    };
    let answer = answer.map_or_else(
        |fault| refuse(&request, &fault),
        |pushed| {
            let mut reply = reply::json(&pushed);
            *reply.status_mut() = StatusCode::CREATED;
            reply
        },
    );
    reply::with_nonce(&request, &provider, answer)
}

pub(super) fn call<'a>(request: &'a HttpRequest, form: &'a Bytes) -> ClientRequest<'a> {
    ClientRequest {
        authorization: reply::authorization(request),
        form,
        dpop: reply::dpop(request),
        from: visitor::address(request),
    }
}

/// Sends an error. A client that failed to authenticate by the Authorization header gets a `Basic` challenge (RFC 6749 §5.2).
pub(super) fn refuse(request: &HttpRequest, fault: &Fault) -> HttpResponse {
    let unauthenticated = fault.error == OidcFailure::ClientAuthentication.error();
    let challenged = unauthenticated && reply::authorization(request).is_some();
    with_retry_after(reply::fault(fault, challenged.then_some("Basic")))
}
