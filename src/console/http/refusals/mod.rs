//! *Why was somebody refused?*

mod list;
mod person;
mod remedies;
mod trace;

use actix_web::web::{self, ServiceConfig};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.route("/refusals", web::get().to(list::list));
    config.route("/refusals.csv", web::get().to(list::export));
    config.route("/refusals/{reference}", web::get().to(trace::trace));
}
