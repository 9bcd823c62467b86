//! HTML pages: the layout of every page, and the failure page.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use askama::Template;
use serde::Deserialize;

use super::{
    brand::{self, Brand},
    failure::Told,
    language::chosen,
    texts::{Lang, text},
    way_on::WayOn,
};
use crate::kernel::failure::Failure;

/// What each template needs for the layout: `frame.t("key")` is a text in the page's language.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Language of the page.
    pub lang: Lang,
    /// Title of the page.
    pub title: String,
    brand: Arc<Brand>,
}

impl Frame {
    /// A layout whose title is the text under `title_key`.
    pub fn new(lang: Lang, title_key: &str) -> Self {
        Self {
            lang,
            title: text(lang, title_key),
            brand: brand::current(),
        }
    }

    /// The same on a page that is the installation's, whosever company it is about.
    pub fn of_installation(lang: Lang, title_key: &str) -> Self {
        Self {
            brand: Arc::clone(brand::all().installation()),
            ..Self::new(lang, title_key)
        }
    }

    /// What the installation, or the company that the page is of, calls itself.
    pub fn name(&self) -> String {
        let own = self.brand.name_in(self.lang).map(str::to_owned);
        own.unwrap_or_else(|| self.t("product"))
    }

    /// Whom to ask.
    pub fn contact(&self) -> Option<&str> {
        self.brand.contact_in(self.lang)
    }

    /// Address of the logo.
    pub fn logo(&self) -> Option<String> {
        self.brand.logo_address()
    }

    /// Address of the style sheet with the accent colour.
    pub fn style(&self) -> Option<String> {
        self.brand.style_address()
    }

    /// The text under a key.
    pub fn t(&self, key: &str) -> String {
        text(self.lang, key)
    }
}

#[derive(Deserialize)]
struct Locales {
    ui_locales: Option<String>,
}

/// The language of a request: `ui_locales` of its query, else what was chosen in this browser, else its `Accept-Language`.
pub fn language(request: &HttpRequest) -> Lang {
    let query = actix_web::web::Query::<Locales>::from_query(request.query_string()).ok();
    let ui_locales = query.and_then(|query| query.into_inner().ui_locales);
    language_among(request, ui_locales.as_deref())
}

/// The language of a request whose `ui_locales` came elsewhere than in the query.
pub fn language_among(request: &HttpRequest, ui_locales: Option<&str>) -> Lang {
    let wanted = ui_locales.into_iter().flat_map(str::split_whitespace);
    let wanted = wanted.filter_map(Lang::of_tag).next().or_else(|| chosen(request));
    let accept = request
        .headers()
        .get("accept-language")
        .and_then(|value| value.to_str().ok());
    wanted.unwrap_or_else(|| Lang::negotiate(None, accept))
}

/// The language of a request: `ui_locales` of its query, else what was chosen in this browser, else what the portal asked for, else its
/// `Accept-Language`.
pub fn language_or(request: &HttpRequest, asked: Option<&str>) -> Lang {
    match request.query_string().contains("ui_locales=") || chosen(request).is_some() {
        true => language(request),
        false => language_among(request, asked),
    }
}

/// Renders a template as a page that is not cached.
pub fn html(status: StatusCode, template: &impl Template) -> HttpResponse {
    match template.render() {
        Ok(body) => HttpResponse::build(status)
            .content_type("text/html; charset=utf-8")
            .insert_header(("cache-control", "no-store"))
            .body(body),
        Err(error) => {
            tracing::error!(%error, "a template did not render");
            HttpResponse::InternalServerError().finish()
        }
    }
}

/// The failure page: what happened, what can be done about it, and the reference an admin can look up.
#[derive(Template)]
#[template(path = "failure.html")]
pub struct FailurePage<'a> {
    /// Layout.
    pub frame: Frame,
    /// The sentence in the page's language.
    pub sentence: &'a str,
    /// What can be done about it, in the page's language.
    pub advice: String,
    /// What it is about, label and value: who was scanned, for which portal.
    pub about: Vec<(String, String)>,
    /// Where it goes on, the best first; never empty.
    pub ways: Vec<WayOn>,
    /// Whom to ask, where it is somebody else than the installation's contact.
    pub contact: Option<String>,
    /// Reference number of the kind, e.g. `GT-108`.
    pub number: &'a str,
    /// Code of this occurrence.
    pub reference: &'a str,
}

impl FailurePage<'_> {
    /// Whom to ask.
    pub fn whom_to_ask(&self) -> Option<&str> {
        self.contact.as_deref().or_else(|| self.frame.contact())
    }
}

/// The page for a failure outside a sign-in, or where nothing is known of one. It has neither detail nor cause: whoever can use them finds
/// them in the audit log by the reference.
pub fn failed(lang: Lang, failure: &Failure) -> HttpResponse {
    failed_with(lang, failure, WayOn::always(lang))
}

/// The same for what could not be done at the address of this request: the page that it belongs to is the first way on.
pub fn failed_at(request: &HttpRequest, failure: &Failure) -> HttpResponse {
    let lang = language(request);
    failed_with(lang, failure, WayOn::around(lang, request.path()))
}

fn failed_with(lang: Lang, failure: &Failure, ways: Vec<WayOn>) -> HttpResponse {
    let told = Told::of(failure);
    let sentence = match lang {
        Lang::Zh => failure.entry.zh,
        Lang::En => failure.entry.en,
    };
    let status = StatusCode::from_u16(failure.entry.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let advice = match status.is_server_error() {
        true => "advice-later",
        false => "advice-go-on",
    };
    let page = FailurePage {
        frame: Frame::new(lang, "failure-title"),
        sentence,
        advice: text(lang, advice),
        about: Vec::new(),
        ways,
        contact: None,
        number: failure.entry.number,
        reference: &told.reference,
    };
    let page = html(status, &page);
    told.in_reply(page)
}
