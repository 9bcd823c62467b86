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

async fn list(caller: Caller<Reads, Wanted>, admin: web::Data<Admin>) -> Reply {
    let page = query::page(caller.query.cursor.as_deref(), caller.query.limit.as_deref())?;
    let filter = MemberFilter {
        data_source: caller.query.data_source,
        outcome: query::text("outcome", caller.query.outcome.as_deref())?.map(str::to_owned),
    };
    Ok(reply::ok(&admin.directory().members(&filter, page).await?))
}
