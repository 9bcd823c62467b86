//! Reads from a request what describes the browser: journey cookie, whether it is inside WeCom's or WeChat's app.

use actix_web::HttpRequest;

use crate::signin::{journey::Journeys, password::password_login::ClientContext};

use crate::{
    web::{
        client_address::Proxies,
        cookies::{Cookies, Name},
    },
    wecom::login_url::is_in_app,
};

/// The journey cookie of this browser, or a new value where it has none.
pub(in crate::signin) fn journey_cookie(request: &HttpRequest, journeys: &Journeys, cookies: &Cookies) -> String {
    let existing = cookies.read(request, Name::Journey).filter(|value| value.len() == 43);
    existing.unwrap_or_else(|| journeys.deps.entropy.token().expose().clone())
}

pub(in crate::signin) fn is_in_wecom(request: &HttpRequest) -> bool {
    let agent = request
        .headers()
        .get("user-agent")
        .and_then(|value| value.to_str().ok());
    agent.is_some_and(is_in_app)
}

/// Cookies and client address of a request.
pub(in crate::signin) fn context(request: &HttpRequest, cookies: &Cookies, proxies: &Proxies) -> ClientContext {
    ClientContext {
        journey: cookies.read(request, Name::Journey),
        session: cookies.read(request, Name::Session),
        trusted_browser: cookies.read(request, Name::TrustedBrowser),
        address: proxies.client(request),
    }
}
