//! The control API under `/_sim/`: JSON in, JSON out. WeCom has nothing like it; it is for tests, demos and scripts.
//!
//! Errors answer `{"error": "…"}` with HTTP 404 or 422. Objects have the shape of the types in [`crate::world`]; PATCH merges (RFC 7396).

mod directory;
mod messages;
mod reply;
mod running;
mod suites;

use actix_web::{
    http::StatusCode,
    web::{self, ServiceConfig},
};

use self::reply::failed;

/// Mounts the control API.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config.service(
        web::scope("/_sim")
            .configure(directory::routes)
            .configure(messages::routes)
            .configure(running::routes)
            .configure(suites::routes)
            .default_service(web::to(|| async {
                failed(StatusCode::NOT_FOUND, "no such control call")
            })),
    );
}
