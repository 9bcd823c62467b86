//! The scripts by which the login page shows WeCom's panel: WeCom's own, and ours, which calls it. Each is asked for by an address with the digest of its
//! content.

use std::sync::LazyLock;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, ServiceConfig, resource},
};

use crate::{crypto::digest::sha256_base64url, signin::journey::Journeys, web::input};

const OURS: &str = include_str!("../../../assets/login.js");
static OUR_DIGEST: LazyLock<String> = LazyLock::new(|| sha256_base64url(OURS.as_bytes()));

/// Addresses of those that a page needs, in the order in which they run: WeCom's where it shows a panel, and ours there and where one can be chosen.
pub(super) fn addresses(journeys: &Journeys, panel: bool, choice: bool) -> Vec<String> {
    let wecoms = format!("/assets/wecom-jssdk.js?v={}", journeys.login_sdk.digest);
    let ours = format!("/assets/login.js?v={}", *OUR_DIGEST);
    let wecoms = panel.then_some(wecoms);
    wecoms.into_iter().chain((panel || choice).then_some(ours)).collect()
}

pub(super) fn routes(config: &mut ServiceConfig) {
    for (path, script) in [
        ("/assets/wecom-jssdk.js", input::get_or_head().to(sdk)),
        ("/assets/login.js", input::get_or_head().to(ours)),
    ] {
        let asset = resource(path).default_service(input::method_not_allowed("GET, HEAD"));
        config.service(asset.route(script));
    }
}

async fn sdk(request: HttpRequest, journeys: Data<Journeys>) -> HttpResponse {
    let sdk = &journeys.login_sdk;
    script(&request, &sdk.digest).body(sdk.script.clone())
}

async fn ours(request: HttpRequest) -> HttpResponse {
    script(&request, &OUR_DIGEST).body(OURS)
}

/// For ever where the address names this very content.
fn script(request: &HttpRequest, digest: &str) -> actix_web::HttpResponseBuilder {
    let caching = match request.query_string().strip_prefix("v=") == Some(digest) {
        true => "public, max-age=31536000, immutable",
        false => "no-cache",
    };
    let mut answer = HttpResponse::Ok();
    answer
        .content_type("text/javascript; charset=utf-8")
        .insert_header(("cache-control", caching));
    answer
}
