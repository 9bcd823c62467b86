//! *Who belongs together?* Groups of ours: a list, one with its people, and putting people into it.

mod add;
mod delete;
mod edit;
mod effect;
mod group;
mod list;
mod one;

use actix_web::web::{self, ServiceConfig};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/people/groups", web::get().to(list::list))
        .route("/people/groups.csv", web::get().to(list::export))
        .route("/people/groups/new", web::get().to(edit::new))
        .route("/people/groups/new", web::post().to(edit::create))
        .route("/people/groups/{id}", web::get().to(one::show))
        .route("/people/groups/{id}/edit", web::get().to(edit::form))
        .route("/people/groups/{id}/edit", web::post().to(edit::change))
        .route("/people/groups/{id}/add", web::get().to(add::ask))
        .route("/people/groups/{id}/add", web::post().to(add::add))
        .route("/people/groups/{id}/remove", web::get().to(one::before_remove))
        .route("/people/groups/{id}/remove", web::post().to(one::remove))
        .route("/people/groups/{id}/delete", web::get().to(delete::ask))
        .route("/people/groups/{id}/delete", web::post().to(delete::delete));
}
