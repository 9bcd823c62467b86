//! *Does WeCom reach us as a service provider?* Suites: their credentials, what to enter in the provider console, and what arrives from there.

mod form;
mod keys;
mod list;
pub(super) mod shared;
mod suite;

use actix_web::web::{self, ServiceConfig};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/suites", web::get().to(list::list))
        .route("/suites/new", web::get().to(form::new))
        .route("/suites/new", web::post().to(form::create))
        .route("/suites/{id}", web::get().to(suite::suite))
        .route("/suites/{id}/live", web::get().to(suite::live))
        .route("/suites/{id}/check", web::post().to(suite::check))
        .route("/suites/{id}/edit", web::get().to(form::edit))
        .route("/suites/{id}/edit", web::post().to(form::change))
        .route("/suites/{id}/keys", web::get().to(keys::ask))
        .route("/suites/{id}/keys", web::post().to(keys::renew))
        .route("/suites/{id}/delete", web::get().to(suite::ask))
        .route("/suites/{id}/delete", web::post().to(suite::delete));
}
