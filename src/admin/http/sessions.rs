//! Handlers of users' sessions and consents.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{
    authorization::{Caller, Operates, OrPortal, Reads},
    query, reply,
};
use crate::{
    admin::{
        failure::AdminFailure,
        service::Admin,
        sessions::model::{EndSessions, SessionFilter},
    },
    kernel::failure::Result,
    oidc::registration::RegistrationFailure,
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
    user_id: Option<Uuid>,
    client_id: Option<String>,
    active: Option<String>,
}

async fn list(caller: Caller<OrPortal<Reads>, Wanted>, admin: web::Data<Admin>) -> Reply {
    let page = query::page(caller.query.cursor.as_deref(), caller.query.limit.as_deref())?;
    let filter = SessionFilter {
        user: caller.query.user_id,
        among: caller.portals().map(<[Uuid]>::to_vec),
        client: query::text("client_id", caller.query.client_id.as_deref())?.map(str::to_owned),
        active: match caller.query.active.as_deref() {
            None => None,
            Some("true") => Some(true),
            Some("false") => Some(false),
            Some(_) => return Err(AdminFailure::Invalid.failure().detail("active: takes true or false")),
        },
    };
    Ok(reply::ok(&admin.sessions(&filter, page).await?))
}

async fn read(caller: Caller<OrPortal<Reads>>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&admin.session(*id, caller.portals()).await?))
}

async fn end(caller: Caller<OrPortal<Operates>>, admin: web::Data<Admin>, id: web::Path<Uuid>, _: NoBody) -> Reply {
    admin.session(*id, caller.portals()).await?;
    admin.end_session(caller.editor(), id.into_inner()).await?;
    Ok(reply::done())
}

async fn end_many(
    caller: Caller<OrPortal<Operates>>,
    admin: web::Data<Admin>,
    wanted: JsonObject<EndSessions>,
) -> Reply {
    if caller.portals().is_some() {
        let portal = wanted.0.scope.only_portal()?;
        let portal = admin.registrations().client(portal).await?;
        caller.reaches_portal(portal.id, RegistrationFailure::NotFound)?;
    }
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
