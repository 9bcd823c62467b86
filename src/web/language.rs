//! The language that somebody chose by the switch on a page: kept in a cookie, so that it stays through a whole sign-in and beyond.

use actix_web::{
    Error, HttpRequest,
    cookie::Cookie,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web::{Data, Query},
};
use serde::Deserialize;

use super::{
    context,
    cookies::{Cookies, Name},
    texts::Lang,
};

/// How long a choice is kept, seconds: a year.
const KEPT_FOR: i64 = 365 * 24 * 3600;

/// What the switch adds to an address.
#[derive(Deserialize)]
struct Switch {
    ui_locales: String,
    /// That a person chose the language, not a portal.
    keep: String,
}

/// The language that was chosen in this browser.
pub fn chosen(request: &HttpRequest) -> Option<Lang> {
    let cookies = request.app_data::<Data<Cookies>>()?;
    Lang::of_tag(&cookies.read(request, Name::Language)?)
}

/// Middleware: keeps the language of an address that the switch leads to.
///
/// # Errors
/// What the handlers themselves fail with.
pub async fn keep<B>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, Error> {
    let switched = switched(request.request());
    if let Some(lang) = switched.or_else(|| chosen(request.request())) {
        context::language(lang);
    }
    let cookie = switched.and_then(|lang| cookie(request.request(), lang));
    let mut response = next.call(request).await?;
    if let Some(cookie) = cookie {
        response.response_mut().add_cookie(&cookie)?;
    }
    Ok(response)
}

fn switched(request: &HttpRequest) -> Option<Lang> {
    if !request.query_string().contains("keep=1") {
        return None;
    }
    let switch = Query::<Switch>::from_query(request.query_string()).ok()?.into_inner();
    Lang::of_tag(&switch.ui_locales).filter(|_| switch.keep == "1")
}

fn cookie(request: &HttpRequest, lang: Lang) -> Option<Cookie<'static>> {
    let cookies = request.app_data::<Data<Cookies>>()?;
    Some(cookies.set(Name::Language, lang.tag(), Some(KEPT_FOR)))
}
