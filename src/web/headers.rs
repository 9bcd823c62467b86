//! Headers on every reply. Pages load nothing from elsewhere and cannot be framed.

use actix_web::middleware::DefaultHeaders;

/// Name of the header.
pub const POLICY: &str = "content-security-policy";
/// The policy of our own pages: no script at all, styles and images of our own. `form-action` is left open because a form's reply may
/// redirect to a portal, which browsers count as part of the form's action.
pub const CONTENT_SECURITY_POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'";

/// The same for a page that shows one picture from elsewhere: besides our own, images of this origin.
pub fn with_images_of(origin: &str) -> String {
    CONTENT_SECURITY_POLICY.replace("img-src 'self'", &format!("img-src 'self' {origin}"))
}

/// Defaults; a handler that sets one of these itself keeps its own.
pub fn security() -> DefaultHeaders {
    DefaultHeaders::new()
        .add((POLICY, CONTENT_SECURITY_POLICY))
        .add(("x-content-type-options", "nosniff"))
        .add(("referrer-policy", "no-referrer"))
        .add(("x-frame-options", "DENY"))
}
