//! The authorisation of companies in four steps: an app, the contacts, the external contacts, and what came of it.
//!
//! Where a company stands is read from what there is (`guide.rs`) and kept nowhere beside it, so anybody with the role goes on from any browser.
//! The parts are those of the set-up in steps (`setup`): its frame of steps, its fields that are tried at once, its monitor of callbacks.

mod app;
mod authorise;
mod choose;
mod covered;
mod finish;
mod guide;

use actix_web::web::{self, ServiceConfig};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/assistant", web::get().to(choose::choose))
        .route("/assistant/new", web::get().to(app::new))
        .route("/assistant/new", web::post().to(app::create))
        .route("/assistant/{source}", web::get().to(choose::go_on))
        .route("/assistant/{source}/look", web::post().to(choose::look))
        .route("/assistant/{source}/app", web::get().to(app::form))
        .route("/assistant/{source}/app", web::post().to(app::change))
        .route("/assistant/{source}/finish", web::get().to(finish::page))
        .route("/assistant/{source}/{step}", web::get().to(authorise::page))
        .route("/assistant/{source}/{step}", web::post().to(authorise::save))
        .route("/assistant/{source}/{step}/callback", web::post().to(authorise::issue))
        .route("/assistant/{source}/{step}/live", web::get().to(authorise::live));
}
