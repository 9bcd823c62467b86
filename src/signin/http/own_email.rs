//! Handlers of e-mail addresses: the page of one's own, and the page behind a link that verifies one. GET uses nothing up.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Form, Path, ServiceConfig, get, post, resource},
};
use askama::Template;
use serde::Deserialize;

use super::{failed::shown, one_time_links::done_page, reply::see_other};
use crate::{
    signin::{
        email_verification::{OwnEmail, ToVerify},
        failure::PasskeyFailure,
        journey::Journeys,
        passkey::own::Asker,
    },
    web::{
        client_address::Proxies,
        cookies::{Cookies, Name},
        input,
        page::{self, Frame},
        texts::text_with,
    },
};

/// The page of one's own address.
const PAGE: &str = "/account/email";

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(
            resource(PAGE)
                .route(get().to(own))
                .route(post().to(send))
                .default_service(input::method_not_allowed("GET, POST")),
        )
        .service(
            resource("/email/{token}")
                .route(get().to(ask))
                .route(post().to(verify))
                .default_service(input::method_not_allowed("GET, POST")),
        );
}

#[derive(Deserialize)]
struct ConfirmForm {
    confirm: String,
}

#[derive(Template)]
#[template(path = "own_email.html")]
struct OwnPage {
    frame: Frame,
    own: OwnEmail,
    /// A link was mailed just now.
    sent: bool,
}

#[derive(Template)]
#[template(path = "verify_email.html")]
struct VerifyPage {
    frame: Frame,
    token: String,
    what: ToVerify,
}

async fn own(request: HttpRequest, journeys: Data<Journeys>, cookies: Data<Cookies>) -> HttpResponse {
    let answer = async {
        let cookie = cookies.read(&request, Name::Session);
        let own = journeys.own_email(cookie.as_deref()).await?;
        let own = own.ok_or_else(|| PasskeyFailure::NotSignedIn.failure())?;
        let page = OwnPage {
            frame: Frame::new(page::language(&request), "email-title"),
            // Anybody can make up the address of this page: it says so only while there is such a link.
            sent: own.mailed && request.query_string().contains("sent=1"),
            own,
        };
        Ok(page::html(StatusCode::OK, &page))
    };
    shown(&request, answer.await).await
}

async fn send(
    request: HttpRequest,
    (journeys, proxies): (Data<Journeys>, Data<Proxies>),
    cookies: Data<Cookies>,
    form: Form<ConfirmForm>,
) -> HttpResponse {
    let lang = page::language(&request);
    let answer = async {
        let cookie = cookies.read(&request, Name::Session);
        let asker = Asker {
            cookie: cookie.as_deref(),
            confirm: &form.confirm,
            address: proxies.client(&request),
        };
        journeys.verify_own_email(asker, lang).await?;
        Ok(see_other(&format!("{PAGE}?sent=1&ui_locales={}", lang.tag())).finish())
    };
    shown(&request, answer.await).await
}

async fn ask(
    request: HttpRequest,
    journeys: Data<Journeys>,
    cookies: Data<Cookies>,
    token: Path<String>,
) -> HttpResponse {
    let answer = async {
        let cookie = cookies.read(&request, Name::Session);
        let lang = page::language(&request);
        let what = journeys.verification(&token, cookie.as_deref()).await?;
        let mut frame = Frame::new(lang, "email-verify-title");
        frame.title = text_with(lang, "email-verify-title", &[("account", &what.username)]);
        let page = VerifyPage {
            frame,
            what,
            token: token.to_string(),
        };
        Ok(page::html(StatusCode::OK, &page))
    };
    shown(&request, answer.await).await
}

async fn verify(
    request: HttpRequest,
    (journeys, proxies): (Data<Journeys>, Data<Proxies>),
    cookies: Data<Cookies>,
    token: Path<String>,
) -> HttpResponse {
    let answer = async {
        let cookie = cookies.read(&request, Name::Session);
        let address = proxies.client(&request);
        journeys.verify_email(&token, cookie.as_deref(), address).await?;
        Ok(done_page(&request, ("email-done-title", "email-done"), false))
    };
    shown(&request, answer.await).await
}
