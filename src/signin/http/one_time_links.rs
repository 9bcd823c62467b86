//! Handlers of one-time links: choosing a password, setting up one-time codes. GET does not consume the link; only the POST of its form
//! does.

use super::totp_enrolment::{CodeForm, enrol_page, enrolled};
use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Form, Path, ServiceConfig, get, post, resource},
};
use askama::Template;
use serde::Deserialize;

use crate::{
    kernel::secret::Secret,
    signin::{
        http::failed::{failed, shown},
        journey::Journeys,
        password::{
            policy::{self, PolicyViolation},
            totp_enrolment::Enrolled,
        },
    },
    web::{
        client_address::Proxies,
        cookies::Cookies,
        input,
        page::{self, Frame},
        texts::text_with,
    },
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(
            resource("/password/{token}")
                .route(get().to(password_page))
                .route(post().to(choose_password))
                .default_service(input::method_not_allowed("GET, POST")),
        )
        .service(
            resource("/totp/{token}")
                .route(get().to(totp_page))
                .route(post().to(set_up_totp))
                .default_service(input::method_not_allowed("GET, POST")),
        );
}

#[derive(Deserialize)]
struct PasswordForm {
    password: Secret<String>,
    again: Secret<String>,
}

#[derive(Template)]
#[template(path = "choose_password.html")]
struct ChoosePage {
    frame: Frame,
    token: String,
    username: String,
    rule: String,
    violation: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "done.html")]
struct DonePage {
    frame: Frame,
    text: String,
    /// There is a console to go on to.
    console: bool,
}

async fn password_page(request: HttpRequest, journeys: Data<Journeys>, token: Path<String>) -> HttpResponse {
    match journeys.password_link(&token).await {
        Ok(username) => choose_page(&request, &token, username, None),
        Err(failure) => failed(&request, &failure).await,
    }
}

fn choose_page(
    request: &HttpRequest,
    token: &str,
    username: String,
    violation: Option<PolicyViolation>,
) -> HttpResponse {
    let lang = page::language(request);
    let (least, most) = (policy::LEAST.to_string(), policy::MOST.to_string());
    let page = ChoosePage {
        frame: Frame::new(lang, "password-title"),
        token: token.to_owned(),
        username,
        rule: text_with(lang, "password-rule", &[("least", &least), ("most", &most)]),
        violation: violation.map(PolicyViolation::text),
    };
    let status = if violation.is_some() {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    };
    page::html(status, &page)
}

async fn choose_password(
    request: HttpRequest,
    (journeys, proxies): (Data<Journeys>, Data<Proxies>),
    token: Path<String>,
    form: Form<PasswordForm>,
) -> HttpResponse {
    let answer = async {
        let address = proxies.client(&request);
        let chosen = journeys
            .choose_password(&token, &form.password, &form.again, address)
            .await?;
        Ok(match chosen {
            Ok(console) => done_page(&request, ("password-done-title", "password-done"), console),
            Err(violation) => choose_page(&request, &token, journeys.password_link(&token).await?, Some(violation)),
        })
    };
    shown(&request, answer.await).await
}

/// The page that says, by the keys of its title and its text, that it is done; `console`: with the way there.
pub(super) fn done_page(request: &HttpRequest, (title, text): (&str, &str), console: bool) -> HttpResponse {
    let frame = Frame::new(page::language(request), title);
    let text = frame.t(text);
    page::html(StatusCode::OK, &DonePage { frame, text, console })
}

async fn totp_page(request: HttpRequest, journeys: Data<Journeys>, token: Path<String>) -> HttpResponse {
    match journeys.enrolment_by_link(&token).await {
        Ok(enrolment) => enrol_page(&request, enrolment, (format!("/totp/{token}"), false), false),
        Err(failure) => failed(&request, &failure).await,
    }
}

async fn set_up_totp(
    request: HttpRequest,
    (journeys, proxies): (Data<Journeys>, Data<Proxies>),
    cookies: Data<Cookies>,
    token: Path<String>,
    form: Form<CodeForm>,
) -> HttpResponse {
    let answer = async {
        let address = proxies.client(&request);
        Ok(match journeys.enrol_by_link(&token, &form.code, address).await? {
            Enrolled::Done { recovery, answer } => enrolled(&request, (&journeys, &cookies), recovery, answer),
            _ => {
                let enrolment = journeys.enrolment_by_link(&token).await?;
                enrol_page(&request, enrolment, (format!("/totp/{token}"), false), true)
            }
        })
    };
    shown(&request, answer.await).await
}
