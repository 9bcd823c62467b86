//! Handlers of operators: people with a console role.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    authorization::{Caller, Configures, Reads},
    query, reply,
};
use crate::{
    admin::service::Admin,
    directory::user::{input::ConsoleRole, operators::RoleInput},
    kernel::failure::Result,
    web::input::{JsonObject, NoBody},
};

type Reply = Result<HttpResponse>;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/operators").get(list))
        .service(web::resource("/operators/{id}").get(read).put(appoint).delete(dismiss));
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    cursor: Option<String>,
    limit: Option<String>,
    /// With this role.
    role: Option<String>,
}

async fn list(caller: Caller<Reads, Wanted>, admin: web::Data<Admin>) -> Reply {
    let page = query::page(caller.query.cursor.as_deref(), caller.query.limit.as_deref())?;
    let role = query::word(
        "role",
        caller.query.role.as_deref(),
        &ConsoleRole::ALL.map(ConsoleRole::word),
    )?;
    Ok(reply::ok(&admin.directory().operators(role.as_deref(), page).await?))
}

async fn read(_: Caller<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&admin.directory().operator(*id).await?))
}

async fn appoint(
    caller: Caller<Configures>,
    admin: web::Data<Admin>,
    id: web::Path<Uuid>,
    input: JsonObject<RoleInput>,
) -> Reply {
    let appointed = admin.directory().appoint(caller.editor(), *id, input.0.role);
    Ok(reply::ok(&appointed.await?))
}

async fn dismiss(caller: Caller<Configures>, admin: web::Data<Admin>, id: web::Path<Uuid>, _: NoBody) -> Reply {
    admin.directory().dismiss(caller.editor(), *id).await?;
    Ok(reply::done())
}
