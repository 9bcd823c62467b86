//! Style sheet and scripts of the console. Every page works without the script.

use actix_web::{
    HttpResponse,
    web::{ServiceConfig, resource},
};

use crate::web::input;

pub(super) fn routes(config: &mut ServiceConfig) {
    for (path, page) in [
        ("/assets/console.css", input::get_or_head().to(style)),
        ("/assets/console.js", input::get_or_head().to(script)),
        ("/assets/names.js", input::get_or_head().to(names)),
        ("/assets/search.js", input::get_or_head().to(search)),
    ] {
        let asset = resource(path).default_service(input::method_not_allowed("GET, HEAD"));
        config.service(asset.route(page));
    }
}

async fn style() -> HttpResponse {
    asset("text/css; charset=utf-8", include_str!("../../../assets/console.css"))
}

async fn script() -> HttpResponse {
    asset(
        "text/javascript; charset=utf-8",
        include_str!("../../../assets/console.js"),
    )
}

async fn names() -> HttpResponse {
    asset(
        "text/javascript; charset=utf-8",
        include_str!("../../../assets/names.js"),
    )
}

async fn search() -> HttpResponse {
    asset(
        "text/javascript; charset=utf-8",
        include_str!("../../../assets/search.js"),
    )
}

fn asset(kind: &'static str, text: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(kind)
        .insert_header(("cache-control", "public, max-age=3600"))
        .body(text)
}
