//! *Which companies are connected, and how is another one?* Companies that installed an app of the service provider: the list, one of them, connecting one
//! in the browser or by phone, and disconnecting one, which happens in WeCom.

mod connect;
mod invitation;
pub(super) mod leave;
mod list;
mod model;
mod one;
mod scope;

use actix_web::web::{self, ServiceConfig};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/installations", web::get().to(list::list))
        .route("/installations.csv", web::get().to(list::export))
        .route("/installations/new", web::get().to(connect::new))
        .route("/installations/new", web::post().to(connect::begin))
        .route("/installations/return", web::get().to(connect::returned))
        .route("/installations/scanned", web::get().to(connect::scanned))
        .route("/installations/invited/{suite}/{id}", web::get().to(invitation::show))
        .route(
            "/installations/invited/{suite}/{id}/live",
            web::get().to(invitation::live),
        )
        .route(
            "/installations/invited/{suite}/{id}/scan",
            web::post().to(invitation::scan),
        )
        .route("/installations/{id}", web::get().to(one::show))
        .route("/installations/{id}/live", web::get().to(one::live))
        .route("/installations/{id}/scope", web::get().to(scope::show))
        .route("/installations/{id}/check", web::post().to(one::check))
        .route("/installations/{id}/disconnect", web::get().to(one::disconnect));
}
