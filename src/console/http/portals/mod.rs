//! *Who can enter this?* Portals: a list, a new one by a recipe, and one with its tabs.

mod access;
mod allowed;
mod claims;
mod delete;
mod edit;
mod effect;
mod list;
mod logouts;
pub(super) mod new;
mod portal;
mod secret;
mod sessions;
mod setup;
mod trials;
mod view;

use actix_web::web::{self, ServiceConfig};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/portals", web::get().to(list::list))
        .route("/portals.csv", web::get().to(list::export))
        .route("/portals/new", web::get().to(new::recipes))
        .route("/portals/new/{recipe}", web::get().to(new::form))
        .route("/portals/new/{recipe}", web::post().to(new::create))
        .route("/portals/{id}", web::get().to(view::view))
        .route("/portals/{id}/edit", web::get().to(edit::form))
        .route("/portals/{id}/edit", web::post().to(edit::change))
        .route("/portals/{id}/allowed", web::get().to(allowed::form))
        .route("/portals/{id}/allowed", web::post().to(allowed::change))
        .route("/portals/{id}/setup", web::get().to(setup::setup))
        .route("/portals/{id}/secret", web::get().to(secret::ask))
        .route("/portals/{id}/secret", web::post().to(secret::rotate))
        .route("/portals/{id}/delete", web::get().to(delete::ask))
        .route("/portals/{id}/delete", web::post().to(delete::delete))
        .route("/portals/{id}/access", web::get().to(access::access))
        .route("/portals/{id}/access.csv", web::get().to(access::export))
        .route("/portals/{id}/claims", web::get().to(claims::claims))
        .route("/portals/{id}/trials", web::get().to(trials::button))
        .route("/portals/{id}/trials", web::post().to(trials::make))
        .route("/portals/{id}/trials/{trial}", web::get().to(trials::show))
        .route("/portals/{id}/sessions", web::get().to(sessions::sessions))
        .route("/portals/{id}/sessions/end", web::get().to(sessions::ask))
        .route("/portals/{id}/sessions/end", web::post().to(sessions::end))
        .route("/portals/{id}/logouts", web::get().to(logouts::logouts))
        .route("/portals/{id}/logouts.csv", web::get().to(logouts::export))
        .route("/portals/{id}/logouts/{delivery}/retry", web::post().to(logouts::retry));
}
