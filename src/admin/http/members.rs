//! Handlers of members (read-only: WeCom owns them).

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    authorization::{Caller, Reads},
    query, reply,
};
use crate::{admin::service::Admin, directory::contacts::MemberFilter, kernel::failure::Result};

type Reply = Result<HttpResponse>;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(web::resource("/members").get(list));
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    cursor: Option<String>,
    limit: Option<String>,
    data_source: Option<Uuid>,
    outcome: Option<String>,
}

async fn list(_: Caller<Reads>, admin: web::Data<Admin>, wanted: web::Query<Wanted>) -> Reply {
    let page = query::page(wanted.cursor.as_deref(), wanted.limit.as_deref())?;
    let filter = MemberFilter {
        data_source: wanted.data_source,
        outcome: query::text("outcome", wanted.outcome.as_deref())?.map(str::to_owned),
    };
    Ok(reply::ok(&admin.directory().members(&filter, page).await?))
}
