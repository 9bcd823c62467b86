//! Security headers on every reply. Pages load nothing from elsewhere and cannot be framed.

use actix_web::{
    http::header::{CONTENT_SECURITY_POLICY, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS},
    middleware::DefaultHeaders,
};

/// Content security policy of our pages: no script at all, styles and images of our own. `form-action` is left open because a form's reply
/// may redirect to a portal, which browsers count as part of the form's action.
pub const POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'";

/// The same policy for a page that shows one image from elsewhere: besides our own, images of this origin.
pub fn with_images_of(origin: &str) -> String {
    POLICY.replace("img-src 'self'", &format!("img-src 'self' {origin}"))
}

/// The security headers as defaults; a handler that sets one of them itself keeps its own.
pub fn security() -> DefaultHeaders {
    DefaultHeaders::new()
        .add((CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)))
        .add((X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")))
        .add((REFERRER_POLICY, HeaderValue::from_static("no-referrer")))
        .add((X_FRAME_OPTIONS, HeaderValue::from_static("DENY")))
}
