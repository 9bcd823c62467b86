//! *Is WeCom connected, and what do we see of it?* Data sources, auth sources, apps, callbacks and verification files.

mod app;
pub(super) mod auth_source;
mod callback;
pub(super) mod customers;
pub(super) mod files;
mod list;
pub(super) mod saving;
pub(super) mod shared;
pub(super) mod source;
mod source_form;

use actix_web::web::{self, ServiceConfig};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/wecom", web::get().to(list::list))
        .route("/wecom/new", web::get().to(source_form::new))
        .route("/wecom/new", web::post().to(source_form::create))
        .route("/wecom/files", web::get().to(files::list))
        .route("/wecom/files", web::post().to(files::create))
        .route("/wecom/files/{id}/delete", web::get().to(files::ask))
        .route("/wecom/files/{id}/delete", web::post().to(files::delete))
        .route("/wecom/auth-sources/new", web::get().to(auth_source::new))
        .route("/wecom/auth-sources/new", web::post().to(auth_source::create))
        .route("/wecom/auth-sources/{id}", web::get().to(auth_source::edit))
        .route("/wecom/auth-sources/{id}", web::post().to(auth_source::change))
        .route("/wecom/auth-sources/{id}/delete", web::post().to(auth_source::delete))
        .route("/wecom/apps/{id}", web::get().to(app::app))
        .route("/wecom/apps/{id}/probe", web::post().to(app::probe))
        .route("/wecom/{id}", web::get().to(source::source))
        .route("/wecom/{id}/probe", web::post().to(source::probe))
        .route("/wecom/{id}/ask-again", web::post().to(source::ask_again))
        .route("/wecom/{id}/edit", web::get().to(source_form::edit))
        .route("/wecom/{id}/edit", web::post().to(source_form::change))
        .route("/wecom/{id}/delete", web::get().to(source::ask))
        .route("/wecom/{id}/delete", web::post().to(source::delete))
        .route("/wecom/{id}/external-contacts", web::get().to(customers::list))
        .route("/wecom/{id}/external-contacts.csv", web::get().to(customers::export))
        .route("/wecom/{id}/callbacks", web::post().to(callback::create))
        .route("/wecom/{id}/callbacks/{callback}", web::get().to(callback::callback))
        .route(
            "/wecom/{id}/callbacks/{callback}/renew",
            web::post().to(callback::renew),
        )
        .route(
            "/wecom/{id}/callbacks/{callback}/delete",
            web::post().to(callback::delete),
        );
}
