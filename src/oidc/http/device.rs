//! HTTP handlers of the device flow (RFC 8628): the device authorization endpoint and the page for the user code.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Payload},
};
use askama::Template;

use super::{anonymous_limit, authorize::see_other, client_endpoints, reply};
use crate::{
    kernel::failure::{Failure, Result},
    oidc::{
        device::{
            approve::{BrowserContext, DevicePage, Question},
            failure::DeviceFailure,
        },
        params::Params,
        provider::Provider,
    },
    web::{
        anonymous_limit::AnonymousLimit,
        client_address::Proxies,
        cookies::Name,
        failure::Told,
        page::{self, Frame},
        texts::{Lang, text_with},
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
pub(super) async fn begin(
    request: HttpRequest,
    payload: Payload,
    provider: Data<Provider>,
    proxies: Data<Proxies>,
) -> HttpResponse {
    let answer = match reply::form(&request, payload).await {
        Ok(form) => {
            provider
                .begin_device(client_endpoints::call(&request, &form), proxies.client(&request))
                .await
        }
        Err(fault) => Err(fault),
    };
    answer.map_or_else(
        |fault| client_endpoints::refuse(&request, &fault),
        |issued| reply::json(&issued),
    )
}

/// `GET /device`.
pub(super) async fn get(
    request: HttpRequest,
    provider: Data<Provider>,
    (proxies, counted): (Data<Proxies>, Data<AnonymousLimit>),
) -> HttpResponse {
    let params = Params::parse(request.query_string().as_bytes());
    let cookie = provider.deps().cookies.read(&request, Name::Session);
    let typed = params.get("user_code");
    // With a pending user code a sign-in is begun for a browser without a session, so it counts as an anonymous request.
    if typed.is_some()
        && let Err(refusal) = anonymous_limit::browser(&request, &provider, &counted, cookie.as_deref()).await
    {
        return refusal;
    }
    let visitor = BrowserContext {
        cookie: cookie.as_deref(),
        from: proxies.client(&request),
    };
    let languages = params.get("ui_locales").filter(|languages| languages.len() <= 256);
    let step = provider.device_page(typed, visitor, languages).await;
    answer(&request, step, typed.unwrap_or_default())
}

/// `POST /device`.
pub(super) async fn post(
    request: HttpRequest,
    payload: Payload,
    provider: Data<Provider>,
    proxies: Data<Proxies>,
) -> HttpResponse {
    let params = match reply::form(&request, payload).await {
        Ok(form) => Params::parse(&form),
        Err(fault) => return page::failed(page::language(&request), &fault.failure),
    };
    let cookie = provider.deps().cookies.read(&request, Name::Session);
    let visitor = BrowserContext {
        cookie: cookie.as_deref(),
        from: proxies.client(&request),
    };
    let typed = params.get("user_code").unwrap_or_default();
    let confirm = params.get("confirm").unwrap_or_default();
    // Anything but `allow` declines.
    let allow = params.get("decision") == Some("allow");
    let step = provider.decide_device((typed, confirm, allow), visitor).await;
    answer(&request, step, "")
}

fn answer(request: &HttpRequest, step: Result<DevicePage>, typed: &str) -> HttpResponse {
    let lang = page::language(request);
    match step {
        Ok(DevicePage::Type) => type_page(lang, typed, None),
        Ok(DevicePage::SignIn(path)) => see_other(&path),
        Ok(DevicePage::Ask(question)) => ask(lang, &question),
        Ok(DevicePage::Refused(refusal)) => page::failed(lang, &refusal.failure()),
        Ok(DevicePage::Allowed) => done(lang, "device-allowed-title", "device-allowed-text"),
        Ok(DevicePage::Declined) => done(lang, "device-declined-title", "device-declined-text"),
        Err(failure) if is_about_the_code(&failure) => type_page(lang, typed, Some(&failure)),
        Err(failure) => page::failed(lang, &failure),
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
        heading: text_with(lang, "device-ask-heading", &[("portal", &question.portal)]),
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
