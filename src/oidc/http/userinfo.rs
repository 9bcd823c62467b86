//! Userinfo by GET and POST.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::CONTENT_TYPE,
    web::{Bytes, Data, Payload},
};

use super::reply;
use crate::oidc::{
    Provider,
    failure::Fault,
    userinfo::{Userinfo, bearer},
};

pub(super) async fn get(request: HttpRequest, provider: Data<Provider>) -> HttpResponse {
    answer(&request, None, &provider).await
}

/// A POST with the token in the header needs no form at all.
pub(super) async fn post(request: HttpRequest, payload: Payload, provider: Data<Provider>) -> HttpResponse {
    if !request.headers().contains_key(CONTENT_TYPE) {
        return answer(&request, None, &provider).await;
    }
    match reply::form(&request, payload).await {
        Ok(form) => answer(&request, Some(&form), &provider).await,
        Err(fault) if fault.failure.entry.status == 400 && reply::authorization(&request).is_some() => {
            answer(&request, None, &provider).await
        }
        Err(fault) => refuse(&fault),
    }
}

async fn answer(request: &HttpRequest, form: Option<&Bytes>, provider: &Provider) -> HttpResponse {
    let token = match bearer(reply::authorization(request), form.map(AsRef::as_ref)) {
        Ok(token) => token,
        Err(fault) => return refuse(&fault),
    };
    match provider.userinfo(&token).await {
        Ok(Userinfo::Plain(claims)) => reply::json(&claims),
        Ok(Userinfo::Signed(jwt)) => reply::jwt(jwt),
        Err(fault) => refuse(&fault),
    }
}

fn refuse(fault: &Fault) -> HttpResponse {
    let challenged = fault.failure.entry.status < 500;
    reply::fault(fault, challenged.then_some("Bearer"))
}
