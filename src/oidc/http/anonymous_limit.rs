//! Rate limit of anonymous requests (browsers without a session, clients without credentials) at the endpoints that store something for
//! every request.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{HeaderValue, RETRY_AFTER},
};

use super::reply;
use crate::{
    kernel::failure::Result,
    oidc::{failure::Fault, params::Params, provider::Provider},
    web::{
        anonymous_limit::{AnonymousLimit, WINDOW},
        page,
    },
};

/// Counts the request of a browser without a valid session; a cookie alone proves nothing. The error is the reply to send.
pub(super) async fn browser(
    request: &HttpRequest,
    provider: &Provider,
    anonymous_limit: &AnonymousLimit,
    cookie: Option<&str>,
) -> Result<(), HttpResponse> {
    let known = known(provider, anonymous_limit, cookie).await;
    let entered = match known {
        Ok(true) => Ok(()),
        Ok(false) => anonymous_limit.check(request).await,
        Err(failure) => Err(failure),
    };
    entered.map_err(|failure| later(page::failed(page::language(request), &failure)))
}

async fn known(provider: &Provider, anonymous_limit: &AnonymousLimit, cookie: Option<&str>) -> Result<bool> {
    match cookie {
        _ if !anonymous_limit.is_enabled() => Ok(true),
        Some(cookie) => Ok(provider.deps().sessions.find(cookie).await?.is_some()),
        None => Ok(false),
    }
}

/// Counts the request of a client that sends no credentials: a public one, or one about to be refused. The error is the reply to send.
pub(super) async fn client(
    request: &HttpRequest,
    anonymous_limit: &AnonymousLimit,
    form: &[u8],
) -> Result<(), HttpResponse> {
    let params = Params::parse(form);
    let proves = ["client_secret", "client_assertion"]
        .iter()
        .any(|name| params.get(name).is_some());
    if proves || reply::authorization(request).is_some() {
        return Ok(());
    }
    anonymous_limit.check(request).await.map_err(|failure| {
        let fault = Fault {
            error: "temporarily_unavailable",
            failure,
        };
        later(reply::fault(&fault, None))
    })
}

/// Adds `Retry-After` to a 429.
fn later(mut response: HttpResponse) -> HttpResponse {
    if response.status().as_u16() == 429 {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from(WINDOW.as_secs()));
    }
    response
}
