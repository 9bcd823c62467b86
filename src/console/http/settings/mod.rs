//! *How is it set up?*

mod branding;
mod configuration;
pub(super) mod doctor;
mod keys;
mod notices;
mod operators;
mod registration;
mod tokens;

use actix_web::web::{self, ServiceConfig};

pub(super) fn routes(config: &mut ServiceConfig) {
    notices::routes(config);
    config
        .route("/settings", web::get().to(operators::list))
        .route("/settings/operators", web::post().to(operators::appoint))
        .route("/settings/operators/{user}/role", web::post().to(operators::role))
        .route(
            "/settings/operators/{user}/remove",
            web::get().to(operators::before_remove),
        )
        .route("/settings/operators/{user}/remove", web::post().to(operators::remove))
        .route("/settings/operators/{user}/link", web::post().to(operators::link))
        .route("/settings/tokens", web::get().to(tokens::list))
        .route("/settings/tokens", web::post().to(tokens::create))
        .route("/settings/tokens/{token}/revoke", web::get().to(tokens::before_revoke))
        .route("/settings/tokens/{token}/revoke", web::post().to(tokens::revoke))
        .route("/settings/keys", web::get().to(keys::list))
        .route("/settings/keys/rotate", web::get().to(keys::before_rotate))
        .route("/settings/keys/rotate", web::post().to(keys::rotate))
        .route("/settings/branding", web::get().to(branding::form))
        .route("/settings/branding", web::post().to(branding::save))
        .route("/settings/branding/logo", web::post().to(branding::logo))
        .route("/settings/branding/logo/remove", web::post().to(branding::remove_logo))
        .route("/settings/registration", web::get().to(registration::list))
        .route("/settings/registration", web::post().to(registration::create))
        .route(
            "/settings/registration/{token}/revoke",
            web::post().to(registration::revoke),
        )
        .route("/settings/configuration", web::get().to(configuration::list))
        .route("/settings/doctor", web::get().to(doctor::checks));
}
