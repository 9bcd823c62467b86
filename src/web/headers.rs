//! Security headers on every reply. Pages load nothing from elsewhere and cannot be framed.

use actix_web::{
    Error,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{
        CONTENT_SECURITY_POLICY, CROSS_ORIGIN_OPENER_POLICY, HeaderMap, HeaderName, HeaderValue, PERMISSIONS_POLICY,
        REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
    },
    middleware::Next,
};

/// Content security policy of our pages: no script (pages that have one say so themselves, as [`of_login_page`]), styles and images of our own. `form-action` is left open because a form's reply
/// may redirect to a portal, which browsers count as part of the form's action.
pub const POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'";

const ALWAYS: [(HeaderName, &str); 4] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    (X_FRAME_OPTIONS, "DENY"),
];

/// Only where browsers come by https. The domain's other hosts are not ours to bind, so HSTS says nothing of them.
const BY_HTTPS: [(HeaderName, &str); 2] = [
    (STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
    (
        PERMISSIONS_POLICY,
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
];

/// Where a person may be in a window that a portal opened for its sign-in or sign-out. COOP, also on a redirect, would cut that window off
/// from the portal, which then never hears how it went.
const PORTALS_WINDOW: [&str; 4] = ["/oauth2/", "/signin/", "/password/", "/wecom/"];

/// The same policy for the login page: where the page shows WeCom's panel, the scripts that put it there, what they ask us, and a frame of WeCom's; where it
/// offers passkeys, as other pages do, the script that asks us for the options.
pub fn of_login_page(scripts: bool, panel: Option<&str>, passkeys: bool) -> String {
    let script = if scripts || passkeys { "; script-src 'self'" } else { "" };
    let frame = panel.map_or_else(String::new, |origin| format!("; frame-src {origin}"));
    let asks = if panel.is_some() || passkeys {
        "; connect-src 'self'"
    } else {
        ""
    };
    format!("{POLICY}{script}{frame}{asks}")
}

/// Lets one page of ours be shown in a frame of ours.
pub fn allow_own_frame(headers: &mut HeaderMap) {
    let policy = POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'");
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
}

/// Middleware: the security headers as defaults; a handler that sets one of them itself keeps its own.
///
/// # Errors
/// What the application has.
pub async fn security<B>(https: bool, request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, Error> {
    let portals_window = PORTALS_WINDOW.iter().any(|place| request.path().starts_with(place));
    let mut response = next.call(request).await?;
    let mut add = |(name, value): (HeaderName, &'static str)| {
        if !response.headers().contains_key(&name) {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
    };
    ALWAYS.into_iter().for_each(&mut add);
    if https {
        BY_HTTPS.into_iter().for_each(&mut add);
        if !portals_window {
            add((CROSS_ORIGIN_OPENER_POLICY, "same-origin"));
        }
    }
    Ok(response)
}
