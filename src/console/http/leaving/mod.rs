//! *Are they out, everywhere?*

mod list;
mod report;

use actix_web::web::ServiceConfig;

pub(super) fn routes(config: &mut ServiceConfig) {
    list::routes(config);
    report::routes(config);
}
