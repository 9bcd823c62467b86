//! The set-up in steps: one question at a time, each answer tried at once, from a corp to the first real scan.
//!
//! Where it stands is read from what there is (`state.rs`) and kept nowhere beside it, so anybody with the role goes on from any browser.
//! What is saved is saved by the calls that the other pages make; nothing here can do more.

pub(super) mod app;
mod auth_source;
pub(super) mod callbacks;
mod check;
pub(super) mod corp;
pub(super) mod credentials;
mod domain;
mod people;
mod portal;
mod scan;
mod start;
pub(super) mod state;
pub(super) mod wizard;

use actix_web::web::{self, ServiceConfig};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/setup", web::get().to(start::start))
        .route("/setup/check", web::post().to(check::check))
        .route("/setup/new", web::get().to(corp::new))
        .route("/setup/new", web::post().to(corp::create))
        .route("/setup/{source}", web::get().to(start::go_on))
        .route("/setup/{source}/look", web::post().to(start::look))
        .route("/setup/{source}/corp", web::get().to(corp::edit))
        .route("/setup/{source}/corp", web::post().to(corp::change))
        .route("/setup/{source}/app", web::get().to(app::form))
        .route("/setup/{source}/app", web::post().to(app::change))
        .route("/setup/{source}/auth-source", web::get().to(auth_source::form))
        .route("/setup/{source}/auth-source", web::post().to(auth_source::create))
        .route("/setup/{source}/domain", web::get().to(domain::page))
        .route("/setup/{source}/domain", web::post().to(domain::paste))
        .route("/setup/{source}/domain/file", web::post().to(domain::upload))
        .route("/setup/{source}/domain/live", web::get().to(domain::live))
        .route("/setup/{source}/callbacks", web::get().to(callbacks::page))
        .route("/setup/{source}/callbacks", web::post().to(callbacks::issue))
        .route("/setup/{source}/callbacks/live", web::get().to(callbacks::live))
        .route("/setup/{source}/people", web::get().to(people::page))
        .route("/setup/{source}/rules", web::post().to(people::rules))
        .route("/setup/{source}/sync", web::post().to(people::sync))
        .route("/setup/{source}/members", web::post().to(people::choose))
        .route("/setup/{source}/portal", web::get().to(portal::page))
        .route("/setup/{source}/scan", web::get().to(scan::page))
        .route("/setup/{source}/scan", web::post().to(scan::begin));
}
