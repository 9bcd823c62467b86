//! The provider's addresses. Handlers parse, make one call, reply.

mod account;
mod authorize;
mod clients;
mod consent;
mod logout;
mod metadata;
mod reply;
mod userinfo;

use actix_web::web::{ServiceConfig, get, post, resource, route};

/// All endpoints. Handlers take the `Provider` from the application's data.
pub fn routes(config: &mut ServiceConfig) {
    metadata::routes(config);
    account::routes(config);
    config
        .service(
            resource("/oauth2/authorize")
                .route(get().to(authorize::get))
                .route(post().to(authorize::post))
                .default_service(route().to(reply::no_such_method)),
        )
        .service(
            resource("/oauth2/authorize/resume")
                .route(get().to(authorize::resume))
                .default_service(route().to(reply::no_such_method)),
        )
        .service(
            resource("/oauth2/par")
                .route(post().to(clients::push))
                .route(reply::preflight())
                .default_service(route().to(reply::no_such_method)),
        )
        .service(
            resource("/oauth2/consent/{id}")
                .route(get().to(consent::get))
                .route(post().to(consent::post))
                .default_service(route().to(reply::no_such_method)),
        )
        .service(
            resource("/oauth2/token")
                .route(post().to(clients::token))
                .route(reply::preflight())
                .default_service(route().to(reply::no_such_method)),
        )
        .service(
            resource("/oauth2/introspect")
                .route(post().to(clients::introspect))
                .default_service(route().to(reply::no_such_method)),
        )
        .service(
            resource("/oauth2/revoke")
                .route(post().to(clients::revoke))
                .route(reply::preflight())
                .default_service(route().to(reply::no_such_method)),
        )
        .service(
            resource("/oauth2/userinfo")
                .route(get().to(userinfo::get))
                .route(post().to(userinfo::post))
                .route(reply::preflight())
                .default_service(route().to(reply::no_such_method)),
        )
        .service(
            resource("/oauth2/logout")
                .route(get().to(logout::get))
                .route(post().to(logout::post))
                .default_service(route().to(reply::no_such_method)),
        );
}
