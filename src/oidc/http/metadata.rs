//! HTTP handlers of the discovery document and the JWKS, both sent as ready bytes.

use std::sync::Arc;

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue},
    web::{Bytes, Data, ServiceConfig, resource},
};

use super::reply;
use crate::{oidc::provider::Provider, web::input};

pub(super) fn routes(config: &mut ServiceConfig) {
    for path in [
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
    ] {
        config.service(
            resource(path)
                .route(input::get_or_head().to(discovery))
                .route(reply::preflight())
                .default_service(input::method_not_allowed("GET, HEAD, OPTIONS")),
        );
    }
    config.service(
        resource("/oauth2/jwks")
            .route(input::get_or_head().to(jwks))
            .route(reply::preflight())
            .default_service(input::method_not_allowed("GET, HEAD, OPTIONS")),
    );
}

pub(in crate::oidc) async fn discovery(provider: Data<Provider>) -> HttpResponse {
    ready(provider.discovery(), "application/json")
}

async fn jwks(provider: Data<Provider>) -> HttpResponse {
    ready(provider.keyring().published().await, "application/jwk-set+json")
}

/// Sends ready bytes, cacheable for five minutes: a rotation publishes the next key long before it signs.
fn ready(bytes: Arc<[u8]>, media: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, HeaderValue::from_static(media)))
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")))
        .insert_header(reply::any_origin())
        .body(Bytes::from_owner(bytes))
}
