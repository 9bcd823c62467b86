//! *Who is told of what, and did it arrive?* Channels, subscriptions, and the last notices.

mod channel;
mod overview;
mod personal;
mod saving;
mod subscription;

use actix_web::web::{self, ServiceConfig};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/settings/notices", web::get().to(overview::list))
        .route("/settings/notices.csv", web::get().to(overview::export))
        .route("/settings/notices/channels/new", web::get().to(channel::new))
        .route("/settings/notices/channels/new", web::post().to(channel::create))
        .route("/settings/notices/channels/{id}", web::get().to(channel::edit))
        .route("/settings/notices/channels/{id}", web::post().to(channel::change))
        .route("/settings/notices/channels/{id}/test", web::post().to(channel::test))
        .route(
            "/settings/notices/channels/{id}/delete",
            web::post().to(channel::delete),
        )
        .route("/settings/notices/personal", web::get().to(personal::edit))
        .route("/settings/notices/personal", web::post().to(personal::change))
        .route("/settings/notices/subscriptions/new", web::get().to(subscription::new))
        .route(
            "/settings/notices/subscriptions/new",
            web::post().to(subscription::create),
        )
        .route(
            "/settings/notices/subscriptions/{id}",
            web::get().to(subscription::edit),
        )
        .route(
            "/settings/notices/subscriptions/{id}",
            web::post().to(subscription::change),
        )
        .route(
            "/settings/notices/subscriptions/{id}/delete",
            web::post().to(subscription::delete),
        )
        .route("/settings/notices/{id}/resend", web::post().to(overview::resend));
}
