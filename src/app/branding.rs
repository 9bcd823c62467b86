//! The branding on pages: carried along each request that may be answered with one, and served as a picture and a style sheet.

use actix_web::{
    Error, HttpRequest, HttpResponse,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH},
    middleware::Next,
    web::{Data, ServiceConfig, resource},
};

use crate::{
    admin::Admin,
    kernel::failure::Result,
    web::{brand, failure::WebFailure, input},
};

/// Where programs ask, which get no pages.
const OF_PROGRAMS: [&str; 6] = [
    "/oauth2/token",
    "/oauth2/userinfo",
    "/oauth2/introspect",
    "/oauth2/jwks",
    "/.well-known/",
    "/api/",
];

/// An address with the digest of what it shows never shows anything else.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Any other address is asked for again each time.
const ASK_AGAIN: &str = "no-cache";

/// Middleware: pages made while the request is served bear the brand of the installation.
///
/// # Errors
/// What the handlers themselves fail with.
pub(super) async fn carry(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let path = request.path();
    let admin = request.app_data::<Data<Admin>>().cloned();
    match admin.filter(|_| !OF_PROGRAMS.iter().any(|place| path.starts_with(place))) {
        Some(admin) => brand::scope(admin.brand().await, next.call(request)).await,
        None => next.call(request).await,
    }
}

pub(super) fn routes(config: &mut ServiceConfig) {
    for (path, shown) in [
        ("/branding/logo", input::get_or_head().to(logo)),
        ("/branding/accent.css", input::get_or_head().to(accent)),
    ] {
        config.service(
            resource(path)
                .route(shown)
                .default_service(input::method_not_allowed("GET, HEAD")),
        );
    }
}

async fn logo(request: HttpRequest, admin: Data<Admin>) -> Result<HttpResponse, Error> {
    let brand = admin.brand().await;
    let Some(logo) = &brand.logo else {
        return Err(input::refused(WebFailure::NotFound.failure(), &request));
    };
    Ok(match is_known(&request, &logo.digest) {
        true => unchanged(&request, &logo.digest),
        false => HttpResponse::Ok()
            .content_type(logo.media_type)
            .insert_header((ETAG, format!("\"{}\"", logo.digest)))
            .insert_header((CACHE_CONTROL, caching(&request, &logo.digest)))
            .body(logo.bytes.clone()),
    })
}

async fn accent(request: HttpRequest, admin: Data<Admin>) -> Result<HttpResponse, Error> {
    let brand = admin.brand().await;
    let Some(colour) = brand.accent else {
        return Err(input::refused(WebFailure::NotFound.failure(), &request));
    };
    let text = colour.text();
    let version = text.trim_start_matches('#');
    Ok(match is_known(&request, version) {
        true => unchanged(&request, version),
        false => HttpResponse::Ok()
            .content_type("text/css; charset=utf-8")
            .insert_header((ETAG, format!("\"{version}\"")))
            .insert_header((CACHE_CONTROL, caching(&request, version)))
            .body(colour.style_sheet()),
    })
}

/// For ever where the address names this very content.
fn caching(request: &HttpRequest, version: &str) -> &'static str {
    match request.query_string().strip_prefix("v=") == Some(version) {
        true => FOR_EVER,
        false => ASK_AGAIN,
    }
}

/// Whether the browser has this content already.
fn is_known(request: &HttpRequest, version: &str) -> bool {
    let known = request.headers().get(IF_NONE_MATCH);
    known.and_then(|known| known.to_str().ok()) == Some(format!("\"{version}\"").as_str())
}

fn unchanged(request: &HttpRequest, version: &str) -> HttpResponse {
    HttpResponse::NotModified()
        .insert_header((ETAG, format!("\"{version}\"")))
        .insert_header((CACHE_CONTROL, caching(request, version)))
        .finish()
}
