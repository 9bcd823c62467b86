//! Handlers of users' sessions and consents.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};
use uuid::Uuid;

use super::{
    authorization::{Caller, Operates, Reads},
    query, reply,
};
use crate::admin::{
    openapi::{params::ById, problems::NotFound},
    sessions::model::{SessionView, SessionsEnded},
};
use crate::kernel::pagination::Listing;
use crate::oidc::consent::ConsentView;
use crate::{
    admin::{
        failure::AdminFailure,
        service::Admin,
        sessions::model::{EndSessions, SessionFilter},
    },
    kernel::failure::Result,
    web::input::{JsonObject, NoBody},
};

type Reply = Result<HttpResponse>;

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Sessions", description = "Sessions of people at Menjin, and what they consented to.")),
    paths(list, end_many, read, end, end_all, consents, withdraw_all, withdraw)
)]
pub(super) struct Operations;

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

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Wanted {
    cursor: Option<String>,
    limit: Option<String>,
    /// Only of the user with this row id.
    user_id: Option<Uuid>,
    /// Only those in which something is granted to this portal: row id or `client_id`.
    #[param(example = "intranet")]
    client_id: Option<String>,
    /// Only those that are usable, or only those that are not.
    #[param(value_type = Option<bool>)]
    active: Option<String>,
}

/// Lists sessions, newest first.
#[utoipa::path(get, path = "/sessions", operation_id = "list_sessions", params(Wanted), responses(
    (status = 200, description = "A page of sessions.", body = Listing<SessionView>),
))]
async fn list(caller: Caller<Reads, Wanted>, admin: web::Data<Admin>) -> Reply {
    let page = query::page(caller.query.cursor.as_deref(), caller.query.limit.as_deref())?;
    let filter = SessionFilter {
        user: caller.query.user_id,
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

/// Reads a session.
#[utoipa::path(get, path = "/sessions/{id}", operation_id = "read_session", params(ById), responses(
    (status = 200, description = "The session.", body = SessionView),
))]
async fn read(_: Caller<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&admin.session(id.into_inner()).await?))
}

/// Ends a session; its portals are told.
#[utoipa::path(delete, path = "/sessions/{id}", operation_id = "end_session", params(ById), responses(
    (status = 204, description = "The session is ended."),
))]
async fn end(caller: Caller<Operates>, admin: web::Data<Admin>, id: web::Path<Uuid>, _: NoBody) -> Reply {
    admin.end_session(caller.editor(), id.into_inner()).await?;
    Ok(reply::done())
}

/// Ends all sessions of a person, a portal, a data source or everybody, or counts them.
#[utoipa::path(post, path = "/sessions/end", operation_id = "end_sessions", request_body = EndSessions, responses(
    (status = 200, description = "How many sessions ended, or would.", body = SessionsEnded),
    NotFound,
))]
async fn end_many(caller: Caller<Operates>, admin: web::Data<Admin>, wanted: JsonObject<EndSessions>) -> Reply {
    Ok(reply::ok(&admin.end_many_sessions(caller.editor(), &wanted.0).await?))
}

/// Ends all sessions of a user.
#[utoipa::path(delete, path = "/users/{id}/sessions", operation_id = "end_user_sessions", params(ById), responses(
    (status = 200, description = "How many sessions ended.", body = SessionsEnded),
))]
async fn end_all(caller: Caller<Operates>, admin: web::Data<Admin>, user: web::Path<Uuid>, _: NoBody) -> Reply {
    Ok(reply::ok(
        &admin.end_sessions_of(caller.editor(), user.into_inner()).await?,
    ))
}

/// Lists what a user consented to; there are never many, so there is one page.
#[utoipa::path(get, path = "/users/{id}/consents", operation_id = "list_consents", params(ById), responses(
    (status = 200, description = "The consents.", body = Listing<ConsentView>),
))]
async fn consents(_: Caller<Reads>, admin: web::Data<Admin>, user: web::Path<Uuid>) -> Reply {
    let items = admin.consents_of(user.into_inner()).await?;
    Ok(reply::ok(&Listing {
        items,
        next_cursor: None,
    }))
}

/// Withdraws all consents of a user; they are asked again.
#[utoipa::path(delete, path = "/users/{id}/consents", operation_id = "withdraw_consents", params(ById), responses(
    (status = 204, description = "The user has no consents."),
))]
async fn withdraw_all(caller: Caller<Operates>, admin: web::Data<Admin>, user: web::Path<Uuid>, _: NoBody) -> Reply {
    admin
        .withdraw_consents(caller.editor(), user.into_inner(), None)
        .await?;
    Ok(reply::done())
}

/// Withdraws the consent of a user to one portal.
#[utoipa::path(delete, path = "/users/{id}/consents/{client}", operation_id = "withdraw_consent", params(ById, ("client" = String, Path, description = "Row id or `client_id` of the portal.", example = "intranet")), responses(
    (status = 204, description = "The consent is withdrawn."),
))]
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
