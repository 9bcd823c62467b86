//! *Who is she, and what may she enter?*

mod edit;
mod ending;
mod groups;
mod history;
pub(super) mod import;
mod list;
pub(super) mod members;
mod person;
mod role;
mod sessions;
mod tree;
mod user;
mod ways_in;

use actix_web::web::ServiceConfig;

pub(super) use user::PINNABLE;

pub(super) fn routes(config: &mut ServiceConfig) {
    // Fixed names come before the ids of people.
    list::routes(config);
    import::routes(config);
    members::routes(config);
    groups::routes(config);
    person::routes(config);
    edit::routes(config);
    ending::routes(config);
    role::routes(config);
    sessions::routes(config);
    history::routes(config);
    ways_in::routes(config);
}
