//! *Who asks to come in?* Access requests: the list, one of them with its decision, and who of a company may ask and decide.

mod list;
mod model;
mod one;
mod settings;

use actix_web::web::{self, ServiceConfig};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/requests", web::get().to(list::list))
        .route("/requests.csv", web::get().to(list::export))
        .route("/requests/settings/{source}", web::get().to(settings::show))
        .route("/requests/settings/{source}", web::post().to(settings::change))
        .route(
            "/requests/settings/{source}/approvers/{user}",
            web::get().to(settings::before_remove),
        )
        .route(
            "/requests/settings/{source}/approvers/{user}",
            web::post().to(settings::remove),
        )
        .route("/requests/{id}", web::get().to(one::show))
        .route("/requests/{id}/groups", web::get().to(one::show_groups))
        .route("/requests/{id}/groups", web::post().to(one::approve_into))
        .route("/requests/{id}/approve", web::post().to(one::approve))
        .route("/requests/{id}/refuse", web::post().to(one::refuse));
}
