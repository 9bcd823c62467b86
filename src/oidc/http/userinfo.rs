//! HTTP handlers of the userinfo endpoint, by GET and POST.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE},
    },
    web::{Bytes, Data, Payload},
};

use super::reply;
use crate::oidc::{
    bearer::{BearerCredentials, Scheme},
    dpop::{failure::DpopFailure, proof_target::ProofTarget},
    failure::{Fault, OidcFailure},
    provider::Provider,
    userinfo::Userinfo,
};

pub(super) async fn get(request: HttpRequest, provider: Data<Provider>) -> HttpResponse {
    answer(&request, None, &provider).await
}

/// Handles POST; with the token in the header it needs no form at all.
pub(super) async fn post(request: HttpRequest, payload: Payload, provider: Data<Provider>) -> HttpResponse {
    if !request.headers().contains_key(CONTENT_TYPE) {
        return answer(&request, None, &provider).await;
    }
    match reply::form(&request, payload).await {
        Ok(form) => answer(&request, Some(&form), &provider).await,
        Err(fault) if fault.failure.entry.status == 400 && reply::authorization(&request).is_some() => {
            answer(&request, None, &provider).await
        }
        Err(fault) => refuse(&request, &fault),
    }
}

async fn answer(request: &HttpRequest, form: Option<&Bytes>, provider: &Provider) -> HttpResponse {
    let place = ProofTarget {
        method: request.method().as_str(),
        path: "/oauth2/userinfo",
    };
    let credentials = BearerCredentials::of(
        reply::authorization(request),
        form.map(AsRef::as_ref),
        place,
        reply::dpop(request),
    );
    let told = match credentials {
        Ok(credentials) => provider.userinfo(credentials).await,
        Err(fault) => Err(fault),
    };
    let answer = match told {
        Ok(Userinfo::Plain(claims)) => reply::json(&claims),
        Ok(Userinfo::Signed(jwt)) => reply::jwt(jwt),
        Err(fault) => refuse(request, &fault),
    };
    reply::with_nonce(request, provider, answer)
}

/// Sends an error with its challenge: `DPoP` where a DPoP token was sent, or should have been (RFC 9449 §7.1), else `Bearer`; both where
/// no token was sent.
fn refuse(request: &HttpRequest, fault: &Fault) -> HttpResponse {
    if fault.failure.entry.status >= 500 {
        return reply::fault(fault, None);
    }
    let is = |entry| fault.failure.entry == entry;
    let sent = reply::authorization(request).and_then(Scheme::of);
    let keyed = is(DpopFailure::BoundAsBearer.entry()) || sent.is_some_and(|(scheme, _)| scheme == Scheme::Dpop);
    let mut answer = reply::fault(fault, Some(if keyed { "DPoP" } else { "Bearer" }));
    if matches!(fault.error, "invalid_dpop_proof" | "use_dpop_nonce") {
        // 400 at the token endpoint, 401 where a token was presented (RFC 9449 §9).
        *answer.status_mut() = StatusCode::UNAUTHORIZED;
    }
    if is(OidcFailure::TokenMissing.entry())
        && let Ok(challenge) = HeaderValue::try_from(reply::challenge_of("DPoP", fault, ""))
    {
        answer.headers_mut().append(WWW_AUTHENTICATE, challenge);
    }
    answer
}
