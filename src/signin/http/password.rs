//! Handlers of the password login: username and password, the one-time code, and setting up one-time codes where they are required.

use super::{
    browser::context,
    failed::shown,
    login::{Wrong, show_login},
    reply::{reply, see_other},
    totp_enrolment::{self, CodeForm},
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Form, Path, ServiceConfig, get, post, resource},
};
use askama::Template;
use serde::Deserialize;

use crate::{
    kernel::{failure::Result, secret::Secret},
    signin::{
        journey::Journeys,
        password::{
            password_login::{PasswordCredentials, Step},
            totp_enrolment::Enrolled,
            totp_login::CodeAsked,
        },
    },
    web::{
        client_address::Proxies,
        cookies::{Cookies, Name},
        input,
        page::{self, Frame},
    },
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(
            resource("/signin/code/{token}")
                .route(get().to(code_page))
                .route(post().to(submit_code))
                .default_service(input::method_not_allowed("GET, POST")),
        )
        .service(
            resource("/signin/enrol/{token}")
                .route(get().to(enrol_page))
                .route(post().to(enrol))
                .default_service(input::method_not_allowed("GET, POST")),
        );
}

#[derive(Deserialize)]
pub(super) struct LoginForm {
    form: String,
    username: String,
    password: Secret<String>,
}

#[derive(Template)]
#[template(path = "code.html")]
struct CodePage {
    frame: Frame,
    token: String,
    asked: CodeAsked,
    wrong: bool,
    /// Reference of the wrong code's record.
    reference: Option<String>,
}

/// Redirects to the next page, in the language of this one.
fn onward(request: &HttpRequest, page: &str, token: &str) -> HttpResponse {
    let lang = page::language(request).tag();
    see_other(&format!("/signin/{page}/{token}?ui_locales={lang}")).finish()
}

pub(super) async fn submit_password(
    request: HttpRequest,
    journeys: Data<Journeys>,
    cookies: Data<Cookies>,
    proxies: Data<Proxies>,
    journey: Path<String>,
    form: Form<LoginForm>,
) -> HttpResponse {
    let answer = async {
        let form = form.into_inner();
        let context = context(&request, &cookies, &proxies);
        journeys.check_form(&journey, context.journey.as_deref(), &form.form)?;
        let entered = PasswordCredentials {
            username: form.username.clone(),
            password: form.password,
        };
        match journeys.submit_password(&journey, entered, &context).await? {
            Step::Done(answer) => Ok(reply(&request, &journeys, &cookies, answer).await),
            Step::Code(token) => Ok(onward(&request, "code", &token)),
            Step::Enrol(token) => Ok(onward(&request, "enrol", &token)),
            Step::Wrong(reference) => {
                let username = form.username;
                let wrong = Wrong::Password { username, reference };
                show_login(&request, (&journeys, &cookies), &journey, Some(wrong)).await
            }
        }
    };
    shown(&request, answer.await).await
}

async fn code_page(
    request: HttpRequest,
    journeys: Data<Journeys>,
    cookies: Data<Cookies>,
    token: Path<String>,
) -> HttpResponse {
    let answer = ask_code(&request, (&journeys, &cookies), &token, (false, None)).await;
    shown(&request, answer).await
}

async fn ask_code(
    request: &HttpRequest,
    (journeys, cookies): (&Journeys, &Cookies),
    token: &str,
    (wrong, reference): (bool, Option<String>),
) -> Result<HttpResponse> {
    let bound = cookies.read(request, Name::Journey);
    let asked = journeys.code_asked(token, bound.as_deref()).await?;
    let page = CodePage {
        frame: Frame::new(page::language(request), "code-title"),
        token: token.to_owned(),
        asked,
        wrong,
        reference,
    };
    let status = if wrong { StatusCode::FORBIDDEN } else { StatusCode::OK };
    Ok(page::html(status, &page))
}

async fn submit_code(
    request: HttpRequest,
    journeys: Data<Journeys>,
    cookies: Data<Cookies>,
    proxies: Data<Proxies>,
    token: Path<String>,
    form: Form<CodeForm>,
) -> HttpResponse {
    let answer = async {
        let context = context(&request, &cookies, &proxies);
        let reference = match journeys.submit_code(&token, &form.code, &context).await? {
            Step::Done(answer) => return Ok(reply(&request, &journeys, &cookies, answer).await),
            Step::Wrong(reference) => reference,
            Step::Code(_) | Step::Enrol(_) => None,
        };
        ask_code(&request, (&journeys, &cookies), &token, (true, reference)).await
    };
    shown(&request, answer.await).await
}

async fn enrol_page(
    request: HttpRequest,
    journeys: Data<Journeys>,
    cookies: Data<Cookies>,
    token: Path<String>,
) -> HttpResponse {
    let answer = offer(&request, (&journeys, &cookies), &token, false).await;
    shown(&request, answer).await
}

async fn offer(
    request: &HttpRequest,
    (journeys, cookies): (&Journeys, &Cookies),
    token: &str,
    wrong: bool,
) -> Result<HttpResponse> {
    let bound = cookies.read(request, Name::Journey);
    let enrolment = journeys.enrolment(token, bound.as_deref()).await?;
    let passkey = journeys.offers_first_passkey(token, bound.as_deref()).await?;
    let action = format!("/signin/enrol/{token}");
    Ok(totp_enrolment::enrol_page(request, enrolment, (action, passkey), wrong))
}

async fn enrol(
    request: HttpRequest,
    journeys: Data<Journeys>,
    cookies: Data<Cookies>,
    proxies: Data<Proxies>,
    token: Path<String>,
    form: Form<CodeForm>,
) -> HttpResponse {
    let answer = async {
        let context = context(&request, &cookies, &proxies);
        match journeys.enrol(&token, &form.code, &context).await? {
            Enrolled::Wrong => offer(&request, (&journeys, &cookies), &token, true).await,
            Enrolled::Refused(answer) => Ok(reply(&request, &journeys, &cookies, answer).await),
            Enrolled::Done { recovery, answer } => Ok(totp_enrolment::enrolled(
                &request,
                (&journeys, &cookies),
                recovery,
                answer,
            )),
        }
    };
    shown(&request, answer.await).await
}
