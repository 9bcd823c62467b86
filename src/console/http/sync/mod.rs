//! *What will change?*

mod acts;
mod begin;
mod conflicts;
mod identities;
mod list;
pub(super) mod model;
mod run;
mod sides;

use actix_web::web::{self, ServiceConfig};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/sync", web::get().to(list::list))
        .route("/sync", web::post().to(list::start))
        .route("/sync/start", web::get().to(begin::ask))
        .route("/sync.csv", web::get().to(list::export))
        .route("/sync/conflicts", web::get().to(conflicts::list))
        .route("/sync/conflicts.csv", web::get().to(conflicts::export))
        .route("/sync/conflicts/{member}", web::post().to(conflicts::decide))
        .route("/sync/identities", web::get().to(identities::list))
        .route("/sync/identities.csv", web::get().to(identities::export))
        .route("/sync/identities/{finding}", web::get().to(identities::finding))
        .route("/sync/identities/{finding}", web::post().to(identities::decide))
        .route("/sync/{run}", web::get().to(run::run))
        .route("/sync/{run}/events", web::get().to(run::events))
        .route("/sync/{run}/rows.csv", web::get().to(run::csv))
        .route("/sync/{run}/confirm", web::get().to(acts::before_confirm))
        .route("/sync/{run}/confirm", web::post().to(acts::confirm))
        .route("/sync/{run}/undo", web::get().to(acts::before_undo))
        .route("/sync/{run}/undo", web::post().to(acts::undo));
}
