//! Who sent a request, for counting what is kept for them, and the reply when that was too much.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{HeaderValue, RETRY_AFTER},
    web::Data,
};
use std::net::IpAddr;

use crate::{
    oidc::provider::Provider,
    signin::{Visitor, http::in_wecom},
    web::{
        anonymous_limit::WINDOW,
        client_address::Proxies,
        cookies::{Cookies, Name},
    },
};

/// Cookies of a browser and its address, read once.
pub(super) struct Browser {
    session: Option<String>,
    trusted_browser: Option<String>,
    address: Option<IpAddr>,
    in_wecom: bool,
}

impl Browser {
    pub(super) fn of(request: &HttpRequest, provider: &Provider) -> Self {
        let cookies: &Cookies = &provider.deps().cookies;
        Self {
            session: cookies.read(request, Name::Session),
            trusted_browser: cookies.read(request, Name::TrustedBrowser),
            address: address(request),
            in_wecom: in_wecom(request),
        }
    }

    pub(super) fn visitor(&self) -> Visitor<'_> {
        Visitor {
            session: self.session.as_deref(),
            trusted_browser: self.trusted_browser.as_deref(),
            address: self.address,
            in_wecom: self.in_wecom,
        }
    }
}

/// The client's address, behind the trusted proxies.
pub(super) fn address(request: &HttpRequest) -> Option<IpAddr> {
    request.app_data::<Data<Proxies>>()?.client(request)
}

/// Adds `Retry-After` to a 429.
pub(super) fn with_retry_after(mut response: HttpResponse) -> HttpResponse {
    if response.status().as_u16() == 429 {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from(WINDOW.as_secs()));
    }
    response
}
