//! Pages of access requests: the person's own, and the approver's behind the link. Every page works without script.

mod link;
mod link_page;
mod person;
mod reply;

use actix_web::web::{ServiceConfig, get, post, resource};

use crate::web::input;

/// Mounts the pages. Needs `web::Data<Requests>` and what signing in needs.
pub fn routes(config: &mut ServiceConfig) {
    let form = |path: &str| resource(path.to_owned()).default_service(input::method_not_allowed("POST"));
    config
        .service(
            resource("/access-request/{journey}")
                .route(get().to(person::show))
                .route(post().to(person::apply))
                .default_service(input::method_not_allowed("GET, POST")),
        )
        .service(
            resource("/access-request/enter/{request}")
                .route(get().to(person::enter))
                .default_service(input::method_not_allowed("GET")),
        )
        .service(form("/access-request/{journey}/withdraw").route(post().to(person::withdraw)))
        .service(
            resource("/access-requests/{token}")
                .route(get().to(link::show))
                .default_service(input::method_not_allowed("GET")),
        )
        .service(
            resource("/access-requests/{token}/enter")
                .route(get().to(link::enter))
                .default_service(input::method_not_allowed("GET")),
        )
        .service(form("/access-requests/{token}/approve").route(post().to(link::approve)))
        .service(form("/access-requests/{token}/refuse").route(post().to(link::refuse)))
        .service(form("/access-requests/{token}/renew").route(post().to(link::renew)));
}
