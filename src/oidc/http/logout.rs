//! HTTP handlers of the logout endpoint (RP-initiated logout, and what programs ask for), and its pages: confirmation, front-channel logout
//! frames, refusal.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, StatusCode, header::ACCEPT},
    web::{Data, Payload},
};
use askama::Template;
use serde_json::json;
use url::form_urlencoded;

use super::{authorize::see_other, reply, visitor::address};
use crate::{
    kernel::failure::Failure,
    oidc::{
        failure::{Fault, OidcFailure},
        logout::rp_initiated::{SignOut, SignedOut, form_without_cookie},
        params::Params,
        posted_form::PostedTo,
        provider::Provider,
    },
    signin::{
        Visitor,
        http::failed::{failed, ways_from_here},
    },
    web::{
        cookies::Name,
        failure::Told,
        headers::POLICY,
        page::{self, Frame},
        texts::Lang,
        way_on::WayOn,
    },
};

/// Asks whether to sign out.
#[derive(Template)]
#[template(path = "oidc/logout.html")]
struct AskPage {
    frame: Frame,
    fields: Vec<(&'static str, String)>,
    /// Where somebody goes on who stays signed in.
    ways: Vec<WayOn>,
    /// Query of this page in the other language; none where it was not asked for by one.
    switch: Option<String>,
}

/// The page after a logout: loads the front-channel logout frames, then goes back to the portal that asked.
#[derive(Template)]
#[template(path = "oidc/front_channel_logout.html")]
struct DonePage<'a> {
    frame: Frame,
    signed_out: &'a SignedOut,
    ways: Vec<WayOn>,
}

/// Says why it does not redirect where the portal wanted, and offers to sign out all the same.
#[derive(Template)]
#[template(path = "oidc/logout_refused.html")]
struct RefusedPage<'a> {
    frame: Frame,
    sentence: &'static str,
    number: &'static str,
    reference: &'a str,
    ways: Vec<WayOn>,
    switch: Option<String>,
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
            // A form posted by a foreign page comes without the cookie (SameSite=Lax); a GET that follows, or a form of our page, comes with it.
            if cookie.is_some() || params.get("confirm").is_some() {
                return answer(&request, &params, &provider).await;
            }
            let visitor = Visitor {
                address: address(&request),
                ..Visitor::default()
            };
            match provider.keep_posted(PostedTo::Logout, &form, &visitor).await {
                Ok(address) => see_other(&address),
                // Nothing can be kept, or too much is; whoever wants to leave can all the same.
                Err(_) => ask(&request, &params, form_without_cookie(&params)).await,
            }
        }
        Err(fault) if is_program(&request, &provider) => reply::fault(&fault, None),
        Err(fault) => failed(&request, &fault.failure).await,
    }
}

/// A form that was posted without a cookie goes on here. Where it is gone, it asked for nothing but a sign-out.
pub(super) async fn posted(request: HttpRequest, provider: Data<Provider>) -> HttpResponse {
    let params = Params::parse(request.query_string().as_bytes());
    let ticket = params.get("form").unwrap_or_default();
    match provider.take_posted(PostedTo::Logout, ticket).await {
        Ok(form) => answer(&request, &form.unwrap_or(Params::of(Vec::new())), &provider).await,
        Err(failure) => failed(&request, &failure).await,
    }
}

fn language(request: &HttpRequest, params: &Params) -> Lang {
    page::language_among(request, params.get("ui_locales"))
}

/// The query of the same page in the other language. What was posted is in no address.
fn other_language(request: &HttpRequest, lang: Lang) -> Option<String> {
    let asked_by_address = request.method() == Method::GET && !request.path().ends_with("/posted");
    let query = form_urlencoded::parse(request.query_string().as_bytes());
    let same = query.filter(|(name, _)| name != "ui_locales" && name != "keep");
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(same).append_pair("ui_locales", lang.other().tag());
    asked_by_address.then(|| query.append_pair("keep", "1").finish())
}

async fn ask(request: &HttpRequest, params: &Params, fields: Vec<(&'static str, String)>) -> HttpResponse {
    let lang = language(request, params);
    let page = AskPage {
        frame: Frame::new(lang, "oidc-logout-title"),
        fields,
        ways: ways_from_here(request, lang, None).await,
        switch: other_language(request, lang),
    };
    page::html(StatusCode::OK, &page)
}

async fn answer(request: &HttpRequest, params: &Params, provider: &Provider) -> HttpResponse {
    let lang = language(request, params);
    let cookies = provider.deps().cookies;
    let cookie = cookies.read(request, Name::Session);
    let mut response = match provider.sign_out(params, cookie.as_deref()).await {
        Ok(SignOut::Ask(fields)) => return ask(request, params, fields).await,
        Ok(SignOut::Done(signed_out)) => done(request, lang, &signed_out).await,
        Err(failure) if ASK_ANYWAY.iter().any(|kind| failure.entry == kind.entry()) => {
            return elsewhere(request, lang, &failure).await;
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

async fn done(request: &HttpRequest, lang: Lang, signed_out: &SignedOut) -> HttpResponse {
    let origins = signed_out.origins();
    if let (Some(back), true) = (&signed_out.back, origins.is_empty()) {
        return see_other(back);
    }
    let page = DonePage {
        frame: Frame::new(lang, "oidc-signed-out-title"),
        signed_out,
        ways: match signed_out.back {
            Some(_) => Vec::new(),
            None => ways_from_here(request, lang, signed_out.offered.clone()).await,
        },
    };
    let mut response = page::html(StatusCode::OK, &page);
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
async fn elsewhere(request: &HttpRequest, lang: Lang, failure: &Failure) -> HttpResponse {
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
        ways: ways_from_here(request, lang, None).await,
        switch: other_language(request, lang),
    };
    let page = page::html(StatusCode::BAD_REQUEST, &refused);
    told.in_reply(page)
}
