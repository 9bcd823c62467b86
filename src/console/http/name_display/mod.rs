//! *Who is that?* Of companies that are connected by an app of a service provider WeCom tells ids alone. A page says whom it names ([`mark`]); when it is made, WeCom's
//! display component is put beside each of them, where somebody proved by a scan that they may see names, and else a link to that scan ([`fill`]). It
//! is the one thing of the console that is not asked of the admin API: it belongs to the session of this browser, and over the API ids remain what they
//! are.

pub(super) mod fill;
pub(super) mod mark;
mod page;
mod signature;
#[cfg(test)]
mod templates;
mod told;

use actix_web::web::{self, ServiceConfig};

pub(super) use crate::directory::name_proof::RETURN;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        // Comes before the ids of data sources.
        .route("/names/return", web::get().to(page::returned))
        .route("/names/{source}", web::get().to(page::show))
        .route("/names/{source}/scan", web::post().to(page::scan))
        .route("/names/{source}/end", web::post().to(page::end))
        .route("/names/{source}/signature", web::get().to(signature::sign));
}
