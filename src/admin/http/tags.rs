//! Handlers of tags (read-only: WeCom owns them).

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};

use super::{
    authorization::{Caller, Reads},
    named_query::NamedQuery,
    reply,
};
use crate::{admin::service::Admin, kernel::failure::Result};

type Reply = Result<HttpResponse>;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(web::resource("/tags").get(list));
}

async fn list(caller: Caller<Reads, NamedQuery>, admin: web::Data<Admin>) -> Reply {
    let (filter, page) = caller.query.wanted()?;
    Ok(reply::ok(&admin.directory().tags(&filter, &page).await?))
}
