//! Handlers of users.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    authorization::{Caller, Operates, Reads},
    query, reply,
};
use crate::{
    admin::service::Admin,
    directory::user::input::{NewUser, UserChange},
    kernel::failure::Result,
    web::input::{JsonObject, NoBody},
};

type Reply = Result<HttpResponse>;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/users").get(list).post(create))
        .service(web::resource("/users/{id}").get(read).patch(change).delete(remove));
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    cursor: Option<String>,
    limit: Option<String>,
    q: Option<String>,
}

async fn list(caller: Caller<Reads, Wanted>, admin: web::Data<Admin>) -> Reply {
    let page = query::page(caller.query.cursor.as_deref(), caller.query.limit.as_deref())?;
    let search = query::text("q", caller.query.q.as_deref())?;
    Ok(reply::ok(&admin.directory().users(search, page).await?))
}

async fn create(caller: Caller<Operates>, admin: web::Data<Admin>, input: JsonObject<NewUser>) -> Reply {
    let created = admin.directory().create_user(caller.editor(), input.0).await?;
    Ok(reply::created(format!("/api/v1/users/{}", created.id), &created))
}

async fn read(_: Caller<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&admin.directory().user(id.into_inner()).await?))
}

async fn change(
    caller: Caller<Operates>,
    admin: web::Data<Admin>,
    id: web::Path<Uuid>,
    input: JsonObject<UserChange>,
) -> Reply {
    let changed = admin.directory().change_user(caller.editor(), id.into_inner(), input.0);
    Ok(reply::ok(&changed.await?))
}

async fn remove(caller: Caller<Operates>, admin: web::Data<Admin>, id: web::Path<Uuid>, _: NoBody) -> Reply {
    admin.directory().delete_user(caller.editor(), id.into_inner()).await?;
    Ok(reply::done())
}
