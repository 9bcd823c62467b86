//! Turns a sign-in [`SignInOutcome`] into an HTTP reply: redirects, session cookies, refusal pages.

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::Cookie,
    http::{
        StatusCode,
        header::{CONTENT_SECURITY_POLICY, HeaderValue},
    },
};
use askama::Template;
use uuid::Uuid;

use crate::signin::{
    answer::SignInOutcome,
    http::{failed::refused, trial_page},
    journey::Journeys,
    password::trusted_browser::LIFETIME as TRUSTED_BROWSER_LIFETIME,
};

use crate::web::{
    cookies::{Cookies, Name},
    headers,
    page::{self, Frame},
};

/// How long a browser remembers the portal that it was on its way to, seconds: a day.
const PORTAL_REMEMBERED_FOR: i64 = 24 * 3600;

#[derive(Template)]
#[template(path = "moment.html")]
struct MomentPage {
    frame: Frame,
}

pub(in crate::signin) async fn reply(
    request: &HttpRequest,
    journeys: &Journeys,
    cookies: &Cookies,
    answer: SignInOutcome,
) -> HttpResponse {
    match answer {
        SignInOutcome::SignedIn {
            cookie,
            trusted_browser,
            to,
        } => {
            let mut response = see_other(&to);
            for cookie in session_cookies(journeys, cookies, &cookie, trusted_browser.as_deref()) {
                response.cookie(cookie);
            }
            response.finish()
        }
        SignInOutcome::Confirm { cookie, token } => see_other(&format!("/signin/confirm/{token}"))
            .cookie(cookies.set(Name::Journey, &cookie, None))
            .finish(),
        SignInOutcome::Tried(tried) => trial_page::tried(request, journeys, cookies, &tried).await,
        SignInOutcome::Refused(refusal) => refused(request, refusal).await,
        SignInOutcome::InProgress => page::html(
            StatusCode::OK,
            &MomentPage {
                frame: Frame::new(page::language(request), "moment-title"),
            },
        ),
    }
}

/// The cookies that a sign-in sets: the session and, after a password, the trusted browser.
pub(in crate::signin) fn session_cookies(
    journeys: &Journeys,
    cookies: &Cookies,
    session: &str,
    trusted_browser: Option<&str>,
) -> Vec<Cookie<'static>> {
    let lifetime = journeys.deps.sessions.absolute_seconds();
    let session = cookies.set(Name::Session, session, Some(lifetime));
    let known_for = i64::try_from(TRUSTED_BROWSER_LIFETIME.as_secs()).unwrap_or(i64::MAX);
    let trusted_browser =
        trusted_browser.map(|trusted_browser| cookies.set(Name::TrustedBrowser, trusted_browser, Some(known_for)));
    std::iter::once(session).chain(trusted_browser).collect()
}

/// The cookie that remembers the portal this browser is on its way to.
pub(in crate::signin) fn portal_cookie(cookies: &Cookies, portal: Uuid) -> Cookie<'static> {
    cookies.set(Name::Portal, &portal.to_string(), Some(PORTAL_REMEMBERED_FOR))
}

/// The reply with these cookies besides.
pub(in crate::signin) fn with_cookies(
    mut response: HttpResponse,
    set: impl IntoIterator<Item = Cookie<'static>>,
) -> HttpResponse {
    for cookie in set {
        // Only a cookie that is no header value could fail here, and ours are base64 and ids.
        drop(response.add_cookie(&cookie));
    }
    response
}

pub(in crate::signin) fn see_other(to: &str) -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::SeeOther();
    response
        .insert_header(("location", to))
        .insert_header(("cache-control", "no-store"));
    response
}

/// Lets the script of passkeys run on a page, and ask us for the options.
pub(in crate::signin) fn with_passkeys(mut response: HttpResponse) -> HttpResponse {
    if let Ok(policy) = HeaderValue::from_str(&headers::of_login_page(false, None, true)) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}
