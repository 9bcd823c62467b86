//! HTTP handlers of the device flow (RFC 8628): the device authorization endpoint and the page for the user code.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Payload},
};
use askama::Template;

use super::{
    authorize::see_other,
    client_endpoints, reply,
    visitor::{Browser, with_retry_after},
};
use crate::{
    kernel::failure::{Failure, Result},
    oidc::{
        device::{
            approve::{DevicePage, Question},
            failure::DeviceFailure,
        },
        params::Params,
        provider::Provider,
    },
    signin::http::failed::failed,
    web::{
        failure::Told,
        page::{self, Frame},
        texts::{Lang, isolated, text_with},
    },
};

/// The form for the user code, with the error of the last one.
#[derive(Template)]
#[template(path = "oidc/device.html")]
struct TypePage<'a> {
    frame: Frame,
    typed: &'a str,
    wrong: Option<Wrong>,
}

struct Wrong {
    sentence: &'static str,
    number: &'static str,
    reference: String,
}

/// Asks the person to allow or decline the device.
#[derive(Template)]
#[template(path = "oidc/device_ask.html")]
struct AskPage<'a> {
    frame: Frame,
    heading: String,
    question: &'a Question,
    items: Vec<String>,
}

/// Confirms that the decision was stored.
#[derive(Template)]
#[template(path = "oidc/device_done.html")]
struct DonePage {
    frame: Frame,
    text: String,
}

/// `POST /oauth2/device_authorization`.
pub(super) async fn begin(request: HttpRequest, payload: Payload, provider: Data<Provider>) -> HttpResponse {
    let answer = match reply::form(&request, payload).await {
        Ok(form) => provider.begin_device(client_endpoints::call(&request, &form)).await,
        Err(fault) => Err(fault),
    };
    answer.map_or_else(
        |fault| client_endpoints::refuse(&request, &fault),
        |issued| reply::json(&issued),
    )
}

/// `GET /device`.
pub(super) async fn get(request: HttpRequest, provider: Data<Provider>) -> HttpResponse {
    let params = Params::parse(request.query_string().as_bytes());
    let browser = Browser::of(&request, &provider);
    let typed = params.get("user_code");
    let languages = params.get("ui_locales").filter(|languages| languages.len() <= 256);
    let step = match params.unique() {
        Ok(()) => {
            let as_another = params.get("account") == Some("other");
            provider
                .device_page((typed, as_another), browser.visitor(), languages)
                .await
        }
        Err(fault) => Err(fault.failure),
    };
    answer(&request, step, typed.unwrap_or_default()).await
}

/// `POST /device`.
pub(super) async fn post(request: HttpRequest, payload: Payload, provider: Data<Provider>) -> HttpResponse {
    let params = match reply::form(&request, payload).await {
        Ok(form) => Params::parse(&form),
        Err(fault) => return failed(&request, &fault.failure).await,
    };
    let browser = Browser::of(&request, &provider);
    let typed = params.get("user_code").unwrap_or_default();
    let confirm = params.get("confirm").unwrap_or_default();
    // Anything but `allow` declines.
    let allow = params.get("decision") == Some("allow");
    let step = match params.unique() {
        Ok(()) => provider.decide_device((typed, confirm, allow), browser.visitor()).await,
        Err(fault) => Err(fault.failure),
    };
    answer(&request, step, "").await
}

async fn answer(request: &HttpRequest, step: Result<DevicePage>, typed: &str) -> HttpResponse {
    let lang = page::language(request);
    match step {
        Ok(DevicePage::Type) => type_page(lang, typed, None),
        Ok(DevicePage::SignIn(path)) => see_other(&path),
        Ok(DevicePage::Ask(question)) => ask(lang, &question),
        Ok(DevicePage::Refused(refusal)) => failed(request, &refusal.failure()).await,
        Ok(DevicePage::Allowed) => done(lang, "device-allowed-title", "device-allowed-text"),
        Ok(DevicePage::Declined) => done(lang, "device-declined-title", "device-declined-text"),
        Err(failure) if is_about_the_code(&failure) => type_page(lang, typed, Some(&failure)),
        Err(failure) => with_retry_after(failed(request, &failure).await),
    }
}

/// Whether the failure is about the typed user code: then the form is shown again.
fn is_about_the_code(failure: &Failure) -> bool {
    failure.entry == DeviceFailure::UserCodeUnknown.entry() || failure.entry == DeviceFailure::TooManyTries.entry()
}

fn type_page(lang: Lang, typed: &str, failure: Option<&Failure>) -> HttpResponse {
    let told = failure.map(Told::of);
    let wrong = told.as_ref().map(|told| Wrong {
        sentence: match lang {
            Lang::Zh => told.failure.entry.zh,
            Lang::En => told.failure.entry.en,
        },
        number: told.failure.entry.number,
        reference: told.reference.clone(),
    });
    let status = failure.and_then(|failure| StatusCode::from_u16(failure.entry.status).ok());
    let shown: String = typed.chars().take(20).collect();
    let page = TypePage {
        frame: Frame::new(lang, "device-title"),
        typed: &shown,
        wrong,
    };
    let page = page::html(status.unwrap_or(StatusCode::OK), &page);
    match told {
        Some(told) => told.in_reply(page),
        None => page,
    }
}

fn ask(lang: Lang, question: &Question) -> HttpResponse {
    let items = question.scopes.iter().map(|scope| {
        let key = format!("consent-scope-{scope}");
        let words = text_with(lang, &key, &[]);
        if words == key { scope.clone() } else { words }
    });
    let resources = (!question.resources.is_empty()).then(|| {
        let names = question.resources.join(" ");
        text_with(lang, "consent-resources", &[("names", &names)])
    });
    let page = AskPage {
        frame: Frame::new(lang, "device-ask-title"),
        heading: text_with(lang, "device-ask-heading", &[("portal", &isolated(&question.portal))]),
        items: items.chain(resources).collect(),
        question,
    };
    page::html(StatusCode::OK, &page)
}

fn done(lang: Lang, title: &str, text: &str) -> HttpResponse {
    let frame = Frame::new(lang, title);
    let text = frame.t(text);
    page::html(StatusCode::OK, &DonePage { frame, text })
}
