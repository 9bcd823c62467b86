//! What belongs to no room: health, the style sheet, and the answer where nothing is.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, ServiceConfig, resource},
};

use crate::{
    kernel::failure::Result,
    store::Database,
    web::{failure::WebFailure, input},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    for (path, page) in [
        ("/healthz", input::reading().to(alive)),
        ("/readyz", input::reading().to(ready)),
        ("/assets/menjin.css", input::reading().to(style)),
    ] {
        config.service(resource(path).route(page).default_service(input::only("GET, HEAD")));
    }
}

async fn alive() -> HttpResponse {
    HttpResponse::Ok().body("ok\n")
}

/// Ready when our own database answers; deliberately not asking WeCom, whose outage must not take portals down.
async fn ready(database: Data<Database>) -> Result<HttpResponse> {
    database.ping().await?;
    Ok(HttpResponse::Ok().body("ready\n"))
}

async fn style() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header(("cache-control", "public, max-age=3600"))
        .body(include_str!("../../assets/menjin.css"))
}

pub(super) async fn nothing_here(request: HttpRequest) -> Result<HttpResponse, actix_web::Error> {
    Err(input::refused(WebFailure::NotFound.failure(), &request))
}
