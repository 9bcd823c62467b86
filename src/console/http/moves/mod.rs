//! *How does a company go from an app of the service provider to one of its own?* The move of one data source, step by step: app, pairs, rehearsal, change,
//! and taking it back.

mod acts;
mod joined;
mod model;
mod page;
mod pairs;

use actix_web::web::{self, ServiceConfig};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/moves/{source}", web::get().to(page::show))
        .route("/moves/{source}", web::post().to(page::plan))
        .route("/moves/{source}/{move}/pair", web::post().to(acts::pair))
        .route("/moves/{source}/{move}/pairs", web::get().to(pairs::list))
        .route("/moves/{source}/{move}/pairs", web::post().to(pairs::enter))
        .route("/moves/{source}/{move}/joined", web::get().to(joined::list))
        .route("/moves/{source}/{move}/company", web::post().to(acts::confirm_company))
        .route("/moves/{source}/{move}/rehearse", web::post().to(acts::rehearse))
        .route("/moves/{source}/{move}/change", web::get().to(acts::ask_change))
        .route("/moves/{source}/{move}/change", web::post().to(acts::change))
        .route("/moves/{source}/{move}/undo", web::get().to(acts::ask_undo))
        .route("/moves/{source}/{move}/undo", web::post().to(acts::undo))
        .route("/moves/{source}/{move}/finish", web::get().to(acts::ask_finish))
        .route("/moves/{source}/{move}/finish", web::post().to(acts::finish))
        .route("/moves/{source}/{move}/drop", web::post().to(acts::drop_planned));
}
