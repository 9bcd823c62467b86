//! HTTP handlers of the logout endpoint (RP-initiated logout, and what programs ask for), and its pages: confirmation, front-channel logout
//! frames, refusal.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, StatusCode, header::ACCEPT},
    web::{Data, Payload},
};
use askama::Template;
use serde_json::json;

use super::{authorize::see_other, reply};
use crate::{
    kernel::failure::Failure,
    oidc::{
        failure::{Fault, OidcFailure},
        logout::rp_initiated::{SignOut, SignedOut, form_without_cookie},
        params::Params,
        provider::Provider,
    },
    signin::http::failed::failed,
    web::{
        cookies::Name,
        failure::Told,
        headers::POLICY,
        page::{self, Frame},
        texts::Lang,
    },
};

/// Longest query, bytes, that a posted request is redirected with; any proxy lets it through.
const LONGEST_QUERY: usize = 4096;

/// Asks whether to sign out.
#[derive(Template)]
#[template(path = "oidc/logout.html")]
struct AskPage {
    frame: Frame,
    fields: Vec<(&'static str, String)>,
}

/// The page after a logout: loads the front-channel logout frames, then goes back to the portal that asked.
#[derive(Template)]
#[template(path = "oidc/front_channel_logout.html")]
struct DonePage<'a> {
    frame: Frame,
    signed_out: &'a SignedOut,
}

/// Says why it does not redirect where the portal wanted, and offers to sign out all the same.
#[derive(Template)]
#[template(path = "oidc/logout_refused.html")]
struct RefusedPage<'a> {
    frame: Frame,
    sentence: &'static str,
    number: &'static str,
    reference: &'a str,
}

pub(super) async fn get(request: HttpRequest, provider: Data<Provider>) -> HttpResponse {
    let params = Params::parse(request.query_string().as_bytes());
    match is_program(&request, &provider) {
        true => answer_program(&params, &provider).await,
        false => answer(&request, &params, &provider).await,
    }
}

/// Whether no browser sent this: neither a session cookie, nor what every browser says of itself when it opens a page.
fn is_program(request: &HttpRequest, provider: &Provider) -> bool {
    let headers = request.headers();
    let mut accepted = headers.get_all(ACCEPT).filter_map(|value| value.to_str().ok());
    let takes_pages = accepted.any(|value| value.contains("text/html"));
    let cookie = provider.deps().cookies.read(request, Name::Session);
    cookie.is_none() && !takes_pages && !headers.contains_key("sec-fetch-mode")
}

/// Programs look at the status alone: it says whether a session is over.
async fn answer_program(params: &Params, provider: &Provider) -> HttpResponse {
    match provider.sign_out_for_server(params).await {
        Ok(already_ended) => reply::json(&json!({ "signed_out": true, "already_ended": already_ended })),
        Err(failure) if failure.entry.status >= 500 => reply::fault(&failure.into(), None),
        Err(failure) => {
            let error = "invalid_request";
            reply::fault(&Fault { error, failure }, None)
        }
    }
}

pub(super) async fn post(request: HttpRequest, payload: Payload, provider: Data<Provider>) -> HttpResponse {
    match reply::form(&request, payload).await {
        Ok(form) => {
            let params = Params::parse(&form);
            if is_program(&request, &provider) {
                return answer_program(&params, &provider).await;
            }
            let cookie = provider.deps().cookies.read(&request, Name::Session);
            // A form posted by a foreign page comes without the cookie (SameSite=Lax); a GET, or a form of our page, comes with it.
            if cookie.is_some() || params.get("confirm").is_some() {
                return answer(&request, &params, &provider).await;
            }
            let query = params.encoded();
            if query.len() <= LONGEST_QUERY {
                return see_other(&format!("/oauth2/logout?{query}"));
            }
            let frame = Frame::new(language(&request, &params), "oidc-logout-title");
            let fields = form_without_cookie(&params);
            page::html(StatusCode::OK, &AskPage { frame, fields })
        }
        Err(fault) if is_program(&request, &provider) => reply::fault(&fault, None),
        Err(fault) => failed(&request, &fault.failure).await,
    }
}

fn language(request: &HttpRequest, params: &Params) -> Lang {
    page::language_among(request, params.get("ui_locales"))
}

async fn answer(request: &HttpRequest, params: &Params, provider: &Provider) -> HttpResponse {
    let lang = language(request, params);
    let cookies = provider.deps().cookies;
    let cookie = cookies.read(request, Name::Session);
    let mut response = match provider.sign_out(params, cookie.as_deref()).await {
        Ok(SignOut::Ask(fields)) => {
            let frame = Frame::new(lang, "oidc-logout-title");
            return page::html(StatusCode::OK, &AskPage { frame, fields });
        }
        Ok(SignOut::Done(signed_out)) => done(lang, &signed_out),
        Err(failure) if ASK_ANYWAY.iter().any(|kind| failure.entry == kind.entry()) => {
            return elsewhere(lang, &failure);
        }
        Err(failure) => return failed(request, &failure).await,
    };
    // A form posted by a foreign page comes without the cookie, and nothing was ended: the cookie stays.
    if cookie.is_none() && request.method() == Method::POST {
        return response;
    }
    if let Err(error) = response.add_cookie(&cookies.clear(Name::Session)) {
        tracing::error!(%error, "the session cookie could not be cleared");
    }
    response
}

fn done(lang: Lang, signed_out: &SignedOut) -> HttpResponse {
    let origins = signed_out.origins();
    if let (Some(back), true) = (&signed_out.back, origins.is_empty()) {
        return see_other(back);
    }
    let frame = Frame::new(lang, "oidc-signed-out-title");
    let mut response = page::html(StatusCode::OK, &DonePage { frame, signed_out });
    // Exactly these origins may be framed, on this page only.
    if !origins.is_empty()
        && let Ok(policy) = format!("{POLICY}; frame-src {}", origins.join(" ")).parse()
    {
        let name = actix_web::http::header::CONTENT_SECURITY_POLICY;
        response.headers_mut().insert(name, policy);
    }
    response
}

/// Errors of the portal's request after which the person is still offered to sign out: the redirect address, `state`, the
/// `id_token_hint`, or that nothing names the portal.
const ASK_ANYWAY: [OidcFailure; 4] = [
    OidcFailure::LogoutClientMissing,
    OidcFailure::LogoutRedirectMismatch,
    OidcFailure::LogoutHintInvalid,
    OidcFailure::ParameterTooLong,
];

/// The page for such errors: the person wanted to sign out, and the portal's error must not prevent it.
fn elsewhere(lang: Lang, failure: &Failure) -> HttpResponse {
    let told = Told::of(failure);
    let sentence = match lang {
        Lang::Zh => failure.entry.zh,
        Lang::En => failure.entry.en,
    };
    let refused = RefusedPage {
        frame: Frame::new(lang, "failure-title"),
        sentence,
        number: failure.entry.number,
        reference: &told.reference,
    };
    let page = page::html(StatusCode::BAD_REQUEST, &refused);
    told.in_reply(page)
}
