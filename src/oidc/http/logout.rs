//! Sign-out as a browser meets it.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Payload},
};
use askama::Template;

use super::{authorize::see_other, reply};
use crate::{
    oidc::{Provider, logout::SignOut, params::Params},
    web::{
        cookies::Name,
        page::{self, Frame},
    },
};

/// Asks whether to sign out.
#[derive(Template)]
#[template(path = "oidc/logout.html")]
struct AskPage {
    frame: Frame,
    fields: Vec<(&'static str, String)>,
}

/// Says that nobody is signed in any more.
#[derive(Template)]
#[template(path = "oidc/signed_out.html")]
struct DonePage {
    frame: Frame,
}

pub(super) async fn get(request: HttpRequest, provider: Data<Provider>) -> HttpResponse {
    let params = Params::parse(request.query_string().as_bytes());
    answer(&request, &params, &provider).await
}

pub(super) async fn post(request: HttpRequest, payload: Payload, provider: Data<Provider>) -> HttpResponse {
    match reply::form(&request, payload).await {
        Ok(form) => {
            let params = Params::parse(&form);
            let cookie = provider.parts().cookies.read(&request, Name::Session);
            // A foreign page's form carries no cookie and proves nothing; by GET the person is asked.
            match (cookie, params.get("id_token_hint"), std::str::from_utf8(&form)) {
                (None, None, Ok(query)) => see_other(&format!("/oauth2/logout?{query}")),
                _ => answer(&request, &params, &provider).await,
            }
        }
        Err(fault) => page::failed(page::language(&request), &fault.failure),
    }
}

async fn answer(request: &HttpRequest, params: &Params, provider: &Provider) -> HttpResponse {
    let lang = page::language(request);
    let cookies = provider.parts().cookies;
    let cookie = cookies.read(request, Name::Session);
    let mut response = match provider.sign_out(params, cookie.as_deref()).await {
        Ok(SignOut::Ask(fields)) => {
            let frame = Frame::new(lang, "oidc-logout-title");
            return page::html(StatusCode::OK, &AskPage { frame, fields });
        }
        Ok(SignOut::Done(Some(back))) => see_other(&back),
        Ok(SignOut::Done(None)) => {
            let frame = Frame::new(lang, "oidc-signed-out-title");
            page::html(StatusCode::OK, &DonePage { frame })
        }
        Err(failure) => return page::failed(lang, &failure),
    };
    if let Err(error) = response.add_cookie(&cookies.clear(Name::Session)) {
        tracing::error!(%error, "the session cookie could not be cleared");
    }
    response
}
