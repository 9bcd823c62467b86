//! HTTP routes and handlers of the provider. Handlers parse, make one call, reply.

mod account;
mod authorize;
mod client_endpoints;
mod consent;
mod device;
mod logout;
pub(in crate::oidc) mod metadata;
mod registration;
pub(in crate::oidc) mod reply;
mod userinfo;
mod visitor;

use actix_web::web::{ServiceConfig, delete, get, post, put, resource};

use crate::{oidc::posted_form::PostedTo, web::input};

/// Registers all endpoints. Handlers take the `Provider` from the application's data.
pub fn routes(config: &mut ServiceConfig) {
    metadata::routes(config);
    account::routes(config);
    for_programs(config);
    for_registration(config);
    for_browsers(config);
}

fn for_programs(config: &mut ServiceConfig) {
    config
        .service(
            resource("/oauth2/token")
                .route(post().to(client_endpoints::token))
                .route(reply::preflight())
                .default_service(input::method_not_allowed("POST, OPTIONS")),
        )
        .service(
            resource("/oauth2/userinfo")
                .route(get().to(userinfo::get))
                .route(post().to(userinfo::post))
                .route(reply::preflight())
                .default_service(input::method_not_allowed("GET, POST, OPTIONS")),
        )
        .service(
            resource("/oauth2/introspect")
                .route(post().to(client_endpoints::introspect))
                .default_service(input::method_not_allowed("POST")),
        )
        .service(
            resource("/oauth2/revoke")
                .route(post().to(client_endpoints::revoke))
                .route(reply::preflight())
                .default_service(input::method_not_allowed("POST, OPTIONS")),
        )
        .service(
            resource("/oauth2/par")
                .route(post().to(client_endpoints::push))
                .route(reply::preflight())
                .default_service(input::method_not_allowed("POST, OPTIONS")),
        )
        .service(
            resource("/oauth2/device_authorization")
                .route(post().to(device::begin))
                .route(reply::preflight())
                .default_service(input::method_not_allowed("POST, OPTIONS")),
        );
}

fn for_registration(config: &mut ServiceConfig) {
    config
        .service(
            resource("/oauth2/register")
                .route(post().to(registration::create))
                .route(reply::preflight())
                .default_service(input::method_not_allowed("POST, OPTIONS")),
        )
        .service(
            resource("/oauth2/register/{client_id}")
                .route(get().to(registration::read))
                .route(put().to(registration::replace))
                .route(delete().to(registration::delete))
                .default_service(input::method_not_allowed("GET, PUT, DELETE")),
        );
}

fn for_browsers(config: &mut ServiceConfig) {
    config
        .service(
            resource("/oauth2/authorize")
                .route(get().to(authorize::get))
                .route(post().to(authorize::post))
                .default_service(input::method_not_allowed("GET, POST")),
        )
        .service(
            resource("/oauth2/authorize/resume")
                .route(get().to(authorize::resume))
                .default_service(input::method_not_allowed("GET")),
        )
        .service(
            resource(PostedTo::Authorization.path())
                .route(get().to(authorize::posted))
                .default_service(input::method_not_allowed("GET")),
        )
        .service(
            resource(PostedTo::Logout.path())
                .route(get().to(logout::posted))
                .default_service(input::method_not_allowed("GET")),
        )
        .service(
            resource("/oauth2/consent/{id}")
                .route(get().to(consent::get))
                .route(post().to(consent::post))
                .default_service(input::method_not_allowed("GET, POST")),
        )
        .service(
            resource("/device")
                .route(get().to(device::get))
                .route(post().to(device::post))
                .default_service(input::method_not_allowed("GET, POST")),
        )
        .service(
            resource("/oauth2/logout")
                .route(get().to(logout::get))
                .route(post().to(logout::post))
                .default_service(input::method_not_allowed("GET, POST")),
        );
}
