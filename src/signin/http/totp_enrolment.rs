//! The pages that set up one-time codes: the secret as a QR code, then the recovery codes.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use askama::Template;
use base64::{Engine, engine::general_purpose::STANDARD};
use qrcode::{QrCode, render::svg};
use serde::Deserialize;

use super::reply::{session_cookies, with_passkeys};
use crate::{
    signin::{answer::SignInOutcome, journey::Journeys, password::totp_enrolment::Enrolment},
    web::{
        cookies::Cookies,
        page::{self, Frame},
    },
};

#[derive(Template)]
#[template(path = "enrol.html")]
struct EnrolPage {
    frame: Frame,
    action: String,
    username: String,
    secret: String,
    uri: String,
    picture: Option<String>,
    wrong: bool,
    /// Id of the journey, whose login page takes another account.
    journey: Option<String>,
    /// A passkey may be set up instead.
    passkey: bool,
}

#[derive(Template)]
#[template(path = "recovery.html")]
struct RecoveryPage {
    frame: Frame,
    codes: Vec<String>,
    next: Option<String>,
}

/// The page with the TOTP secret as a QR code, as a link for a phone's own browser, and as text to type; and, where one may be set up instead, with
/// the form for a passkey.
pub(super) fn enrol_page(
    request: &HttpRequest,
    enrolment: Enrolment,
    (action, passkey): (String, bool),
    wrong: bool,
) -> HttpResponse {
    let page = EnrolPage {
        frame: Frame::new(page::language(request), "enrol-title"),
        action,
        picture: picture(&enrolment.uri),
        username: enrolment.username,
        secret: enrolment.secret,
        uri: enrolment.uri,
        wrong,
        journey: enrolment.journey,
        passkey,
    };
    let status = if wrong { StatusCode::FORBIDDEN } else { StatusCode::OK };
    let response = page::html(status, &page);
    if passkey { with_passkeys(response) } else { response }
}

/// The page that shows the recovery codes once; sets the session cookies if the person was signing in.
pub(super) fn enrolled(
    request: &HttpRequest,
    (journeys, cookies): (&Journeys, &Cookies),
    codes: Vec<String>,
    answer: Option<SignInOutcome>,
) -> HttpResponse {
    let (session, next) = match answer {
        Some(SignInOutcome::SignedIn {
            cookie,
            trusted_browser,
            to,
        }) => (
            session_cookies(journeys, cookies, &cookie, trusted_browser.as_deref()),
            Some(to),
        ),
        _ => (Vec::new(), None),
    };
    let page = RecoveryPage {
        frame: Frame::new(page::language(request), "recovery-title"),
        codes,
        next,
    };
    let mut response = page::html(StatusCode::OK, &page);
    for cookie in session {
        // Only a cookie that is no header value could fail here, and ours are base64.
        drop(response.add_cookie(&cookie));
    }
    response
}

/// A QR code as an SVG data URL, which our content security policy allows; `None` where the text is too long for a QR code.
fn picture(uri: &str) -> Option<String> {
    let code = QrCode::new(uri.as_bytes()).ok()?;
    let svg = code.render::<svg::Color<'_>>().min_dimensions(220, 220).build();
    Some(format!("data:image/svg+xml;base64,{}", STANDARD.encode(svg)))
}

#[derive(Deserialize)]
pub(super) struct CodeForm {
    pub code: String,
}
