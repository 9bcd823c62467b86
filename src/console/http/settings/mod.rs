//! *How is it set up?*

mod branding;
mod branding_preview;
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
        .route("/settings/operators.csv", web::get().to(operators::export))
        .route("/settings/tokens.csv", web::get().to(tokens::export))
        .route("/settings/tokens", web::get().to(tokens::list))
        .route("/settings/tokens", web::post().to(tokens::create))
        .route("/settings/tokens/{token}/revoke", web::get().to(tokens::before_revoke))
        .route("/settings/tokens/{token}/revoke", web::post().to(tokens::revoke))
        .route("/settings/keys", web::get().to(keys::list))
        .route("/settings/keys/rotate", web::get().to(keys::before_rotate))
        .route("/settings/keys/rotate", web::post().to(keys::rotate))
        .route("/settings/branding", web::get().to(branding::form))
        .route("/settings/branding", web::post().to(branding::save))
        .route("/settings/branding/preview", web::post().to(branding::try_out))
        .route(
            "/settings/branding/preview/{page}",
            web::get().to(branding_preview::preview),
        )
        .route("/settings/branding/logo", web::post().to(branding::logo))
        .route("/settings/branding/logo/remove", web::post().to(branding::remove_logo))
        .configure(companies)
        .route("/settings/registration", web::get().to(registration::list))
        .route("/settings/registration", web::post().to(registration::create))
        .route(
            "/settings/registration/{token}/revoke",
            web::get().to(registration::before_revoke),
        )
        .route(
            "/settings/registration/{token}/revoke",
            web::post().to(registration::revoke),
        )
        .route("/settings/configuration", web::get().to(configuration::list))
        .route("/settings/doctor", web::get().to(doctor::checks));
}

/// What companies have of their own.
fn companies(config: &mut ServiceConfig) {
    config
        .route(
            "/settings/branding/companies/{source}",
            web::get().to(branding::company_form),
        )
        .route(
            "/settings/branding/companies/{source}",
            web::post().to(branding::company_save),
        )
        .route(
            "/settings/branding/companies/{source}/preview",
            web::post().to(branding::company_try_out),
        )
        .route(
            "/settings/branding/companies/{source}/logo",
            web::post().to(branding::company_logo),
        )
        .route(
            "/settings/branding/companies/{source}/logo/remove",
            web::post().to(branding::company_remove_logo),
        )
        .route(
            "/settings/branding/companies/{source}/remove",
            web::post().to(branding::company_remove),
        );
}
