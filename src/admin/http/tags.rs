//! Handlers of tags (read-only: WeCom owns them).

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};

use super::{
    authorization::{Caller, Reads},
    query::OfSource,
    reply,
};
use crate::{admin::service::Admin, kernel::failure::Result};

type Reply = Result<HttpResponse>;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(web::resource("/tags").get(list));
}

async fn list(caller: Caller<Reads, OfSource>, admin: web::Data<Admin>) -> Reply {
    Ok(reply::ok(
        &admin
            .directory()
            .tags(caller.query.data_source, caller.query.page()?)
            .await?,
    ))
}
