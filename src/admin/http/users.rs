//! Handlers of users.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    authorization::{Caller, Operates, Reads},
    precondition::Matched,
    query, reply,
};
use crate::{
    admin::{role::Role, service::Admin},
    directory::user::{
        input::{NewUser, UserChange},
        listing::{SORTS, STATUSES, UserFilter},
    },
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
    sort: Option<String>,
    q: Option<String>,
    status: Option<String>,
    data_source: Option<Uuid>,
    console_role: Option<String>,
}

async fn list(caller: Caller<Reads, Wanted>, admin: web::Data<Admin>) -> Reply {
    let wanted = &caller.query;
    let mut reading = query::Reading::default();
    let page = reading.sorted(&SORTS, [&wanted.cursor, &wanted.limit, &wanted.sort]);
    let roles = Role::ALL.map(Role::word);
    let filter = UserFilter {
        search: reading.text("q", wanted.q.as_deref()).map(str::to_owned),
        status: reading.word("status", wanted.status.as_deref(), &STATUSES),
        data_source: wanted.data_source,
        console_role: reading.word("console_role", wanted.console_role.as_deref(), &roles),
    };
    reading.done()?;
    Ok(reply::ok(&admin.directory().users(&filter, &page).await?))
}

async fn create(caller: Caller<Operates>, admin: web::Data<Admin>, input: JsonObject<NewUser>) -> Reply {
    let created = admin.directory().create_user(caller.editor(), input.0).await?;
    Ok(reply::tagged_created(format!("/api/v1/users/{}", created.id), &created))
}

async fn read(caller: Matched<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    caller.shown(&admin.directory().user(id.into_inner()).await?)
}

async fn change(
    caller: Matched<Operates>,
    admin: web::Data<Admin>,
    id: web::Path<Uuid>,
    input: JsonObject<UserChange>,
) -> Reply {
    let changed = admin
        .directory()
        .change_user(caller.editor(), id.into_inner(), input.0, &caller.if_match);
    Ok(reply::tagged(&changed.await?))
}

async fn remove(caller: Matched<Operates>, admin: web::Data<Admin>, id: web::Path<Uuid>, _: NoBody) -> Reply {
    let removed = admin
        .directory()
        .delete_user(caller.editor(), id.into_inner(), &caller.if_match);
    removed.await?;
    Ok(reply::done())
}
