//! Handlers of departments (read-only: WeCom owns them).

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use uuid::Uuid;

use super::{
    authorization::{Caller, Reads},
    named_query::NamedQuery,
    reply,
};
use crate::{admin::service::Admin, kernel::failure::Result};

type Reply = Result<HttpResponse>;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/departments").get(list))
        .service(web::resource("/departments/{id}").get(read));
}

async fn list(caller: Caller<Reads, NamedQuery>, admin: web::Data<Admin>) -> Reply {
    let (filter, page) = caller.query.wanted()?;
    Ok(reply::ok(&admin.directory().departments(&filter, &page).await?))
}

async fn read(_: Caller<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&admin.directory().department(id.into_inner()).await?))
}
