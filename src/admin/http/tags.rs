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

async fn list(_: Caller<Reads>, admin: web::Data<Admin>, query: web::Query<OfSource>) -> Reply {
    Ok(reply::ok(
        &admin.directory().tags(query.data_source, query.page()?).await?,
    ))
}
