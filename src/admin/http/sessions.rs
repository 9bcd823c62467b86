//! Handlers of users' sessions and consents.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{
    authorization::{Caller, Operates, Reads},
    query, reply,
};
use crate::{
    admin::{
        service::Admin,
        sessions::model::{EndSessions, SessionFilter},
    },
    kernel::{failure::Result, sorting::RECORDS},
    web::input::{JsonObject, NoBody},
};

type Reply = Result<HttpResponse>;

/// Mounts the resources.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/sessions").get(list))
        .service(web::resource("/sessions/end").post(end_many))
        .service(web::resource("/sessions/{id}").get(read).delete(end))
        .service(web::resource("/users/{id}/sessions").delete(end_all))
        .service(web::resource("/users/{id}/consents").get(consents).delete(withdraw_all))
        .service(web::resource("/users/{id}/consents/{client}").delete(withdraw));
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    cursor: Option<String>,
    limit: Option<String>,
    sort: Option<String>,
    user_id: Option<Uuid>,
    client_id: Option<String>,
    auth_source: Option<Uuid>,
    active: Option<String>,
}

async fn list(caller: Caller<Reads, Wanted>, admin: web::Data<Admin>) -> Reply {
    let wanted = &caller.query;
    let mut reading = query::Reading::default();
    let page = reading.sorted(&RECORDS, [&wanted.cursor, &wanted.limit, &wanted.sort]);
    let filter = SessionFilter {
        user: wanted.user_id,
        client: reading
            .text("client_id", wanted.client_id.as_deref())
            .map(str::to_owned),
        auth_source: wanted.auth_source,
        active: reading.flag("active", wanted.active.as_deref()),
    };
    reading.done()?;
    Ok(reply::ok(&admin.sessions(&filter, &page).await?))
}

async fn read(_: Caller<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&admin.session(id.into_inner()).await?))
}

async fn end(caller: Caller<Operates>, admin: web::Data<Admin>, id: web::Path<Uuid>, _: NoBody) -> Reply {
    admin.end_session(caller.editor(), id.into_inner()).await?;
    Ok(reply::done())
}

async fn end_many(caller: Caller<Operates>, admin: web::Data<Admin>, wanted: JsonObject<EndSessions>) -> Reply {
    Ok(reply::ok(&admin.end_many_sessions(caller.editor(), &wanted.0).await?))
}

async fn end_all(caller: Caller<Operates>, admin: web::Data<Admin>, user: web::Path<Uuid>, _: NoBody) -> Reply {
    Ok(reply::ok(
        &admin.end_sessions_of(caller.editor(), user.into_inner()).await?,
    ))
}

async fn consents(_: Caller<Reads>, admin: web::Data<Admin>, user: web::Path<Uuid>) -> Reply {
    let items = admin.consents_of(user.into_inner()).await?;
    Ok(reply::ok(&json!({ "items": items, "next_cursor": null })))
}

async fn withdraw_all(caller: Caller<Operates>, admin: web::Data<Admin>, user: web::Path<Uuid>, _: NoBody) -> Reply {
    admin
        .withdraw_consents(caller.editor(), user.into_inner(), None)
        .await?;
    Ok(reply::done())
}

async fn withdraw(
    caller: Caller<Operates>,
    admin: web::Data<Admin>,
    path: web::Path<(Uuid, String)>,
    _: NoBody,
) -> Reply {
    let (user, client) = path.into_inner();
    admin.withdraw_consents(caller.editor(), user, Some(&client)).await?;
    Ok(reply::done())
}
