//! What pages of the demo share: two languages, side by side in the templates, and a policy that lets nothing in from elsewhere.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{CONTENT_SECURITY_POLICY, HeaderValue, REFERRER_POLICY},
    },
};
use askama::Template;

use crate::{
    kernel::calendar::exact,
    web::{details, page, texts::Lang},
};

/// Styles and script of our own, forms that lead to ourselves, nothing else.
const POLICY: &str = "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

/// The language of a page.
#[derive(Clone, Copy)]
pub struct Language {
    /// The language.
    pub lang: Lang,
}

impl Language {
    /// Of a request: `ui_locales`, else what the browser prefers.
    pub fn of(request: &HttpRequest) -> Self {
        Self {
            lang: page::language(request),
        }
    }

    /// What was seen, in this language where it is known in it.
    pub fn seen(&self, text: &str) -> String {
        let chinese = match self.lang {
            Lang::Zh => details::in_chinese(text, |_| None),
            Lang::En => None,
        };
        chinese.unwrap_or_else(|| text.to_owned())
    }

    /// That of two texts which is in this language.
    pub const fn t<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        match self.lang {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }
}

/// Renders a page.
pub fn html(status: StatusCode, template: &impl Template) -> HttpResponse {
    let mut response = page::html(status, template);
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

/// Whether a form came from a page of the demo: browsers name the page's origin with each form (Fetch Standard, `Origin`), what is no browser
/// names none.
pub fn is_own_form(request: &HttpRequest) -> bool {
    let Some(origin) = request.headers().get("origin") else {
        return true;
    };
    let host = request.connection_info().host().to_owned();
    origin.to_str().is_ok_and(|origin| origin == format!("http://{host}"))
}

/// `2026-11-29 20:24:07 UTC` of a second since 1970.
pub fn moment(seconds: i64) -> String {
    exact(seconds.saturating_mul(1000))
        .replace('T', " ")
        .replace('Z', " UTC")
}

#[cfg(test)]
mod tests {
    #[test]
    fn moments_are_dates() {
        assert_eq!(super::moment(0), "1970-01-01 00:00:00 UTC");
        assert_eq!(super::moment(1_795_983_847), "2026-11-29 20:24:07 UTC");
        assert_eq!(super::moment(951_782_400), "2000-02-29 00:00:00 UTC");
    }
}
