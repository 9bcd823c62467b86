//! Handlers that belong to no room: health and readiness, style sheets, script and mark, the 404 reply.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, ServiceConfig, resource},
};

use super::readiness::Readiness;
use crate::{
    kernel::failure::Result,
    web::{failure::WebFailure, input},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    for (path, page) in [
        ("/healthz", input::get_or_head().to(alive)),
        ("/readyz", input::get_or_head().to(ready)),
        ("/assets/menjin.css", input::get_or_head().to(style)),
        ("/assets/reference.css", input::get_or_head().to(style_of_reference)),
        ("/assets/passkeys.js", input::get_or_head().to(script_of_passkeys)),
        ("/favicon.svg", input::get_or_head().to(mark)),
        // Browsers ask here unless a page names another place; they go by the content type.
        ("/favicon.ico", input::get_or_head().to(mark)),
    ] {
        config.service(
            resource(path)
                .route(page)
                .default_service(input::method_not_allowed("GET, HEAD")),
        );
    }
}

async fn alive() -> HttpResponse {
    HttpResponse::Ok().body("ok\n")
}

/// Readiness: ready when both stores take writes; deliberately not asking WeCom, whose outage must not take portals down.
async fn ready(readiness: Data<Readiness>) -> HttpResponse {
    let report = readiness.report().await;
    let status = if report.is_ready() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    HttpResponse::build(status)
        .insert_header(("cache-control", "no-store"))
        .json(report)
}

async fn style() -> HttpResponse {
    style_sheet(include_str!("../../assets/menjin.css"))
}

/// What the pages about the API have besides.
async fn style_of_reference() -> HttpResponse {
    style_sheet(include_str!("../../assets/reference.css"))
}

/// The script of passkeys.
async fn script_of_passkeys() -> HttpResponse {
    asset(
        "text/javascript; charset=utf-8",
        include_str!("../../assets/passkeys.js"),
    )
}

/// Our mark, as pages and tabs show it.
async fn mark() -> HttpResponse {
    asset("image/svg+xml", include_str!("../../assets/mark.svg"))
}

fn style_sheet(rules: &'static str) -> HttpResponse {
    asset("text/css; charset=utf-8", rules)
}

fn asset(media_type: &'static str, content: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(media_type)
        .insert_header(("cache-control", "public, max-age=3600"))
        .body(content)
}

pub(super) async fn nothing_here(request: HttpRequest) -> Result<HttpResponse, actix_web::Error> {
    Err(input::refused(WebFailure::NotFound.failure(), &request))
}
