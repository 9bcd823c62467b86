//! Handlers of users' sessions and consents.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};
use uuid::Uuid;

use super::{
    authorization::{Caller, Operates, OrOneself, OrPortal, Reads},
    query, reply,
};
use crate::admin::{
    openapi::{params::ById, problems::NotFound},
    sessions::model::{SessionView, SessionsEnded, UserSessionsEnded},
};
use crate::kernel::{pagination::Listing, sorting::SortedListing};
use crate::oidc::consent::ConsentView;
use crate::{
    admin::{
        service::Admin,
        sessions::model::{EndSessions, SessionFilter},
    },
    kernel::{failure::Result, sorting::RECORDS},
    oidc::registration::RegistrationFailure,
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
    #[param(pattern = "^-?(created_at)$")]
    sort: Option<String>,
    /// Only of the user with this row id.
    user_id: Option<Uuid>,
    /// Only those in which something is granted to this portal: row id or `client_id`.
    #[param(example = "intranet")]
    client_id: Option<String>,
    /// Only those begun by the auth source with this row id.
    auth_source: Option<Uuid>,
    /// Only those that are usable, or only those that are not.
    #[param(value_type = Option<bool>)]
    active: Option<String>,
}

/// Lists sessions, newest first.
#[utoipa::path(get, path = "/sessions", operation_id = "list_sessions", params(Wanted), responses(
    (status = 200, description = "A page of sessions.", body = SortedListing<SessionView>),
))]
async fn list(caller: Caller<OrPortal<Reads>, Wanted>, admin: web::Data<Admin>) -> Reply {
    let wanted = &caller.query;
    let mut reading = query::Reading::default();
    let page = reading.sorted(&RECORDS, [&wanted.cursor, &wanted.limit, &wanted.sort]);
    let filter = SessionFilter {
        user: wanted.user_id,
        among: caller.portals().map(<[Uuid]>::to_vec),
        client: None,
        auth_source: wanted.auth_source,
        active: reading.flag("active", wanted.active.as_deref()),
    };
    let client = reading.text("client_id", wanted.client_id.as_deref());
    reading.done()?;
    let filter = SessionFilter {
        client: admin.portal_of_filter(client).await?.map(|portal| portal.id),
        ..filter
    };
    Ok(reply::ok(&admin.sessions(&filter, &page).await?))
}

/// Reads a session.
#[utoipa::path(get, path = "/sessions/{id}", operation_id = "read_session", params(ById), responses(
    (status = 200, description = "The session.", body = SessionView),
))]
async fn read(caller: Caller<OrPortal<Reads>>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&admin.session(*id, caller.portals()).await?))
}

/// Ends a session; its portals are told.
///
/// At the console everybody may end their own.
#[utoipa::path(delete, path = "/sessions/{id}", operation_id = "end_session", params(ById), responses(
    (status = 204, description = "The session is ended."),
))]
async fn end(
    caller: Caller<OrPortal<OrOneself<Operates>>>,
    admin: web::Data<Admin>,
    id: web::Path<Uuid>,
    _: NoBody,
) -> Reply {
    let session = admin.session(*id, caller.portals()).await;
    if session.as_ref().is_ok_and(|session| caller.is_user(session.user_id)) {
        admin.end_own_session(caller.actor(), session?).await?;
        return Ok(reply::done());
    }
    caller.may_others::<OrPortal<Operates>>()?;
    admin.end_session(caller.editor(), session?).await?;
    Ok(reply::done())
}

/// Ends all sessions of a person, a portal, a data source or everybody, or counts them.
#[utoipa::path(post, path = "/sessions/end", operation_id = "end_sessions", request_body = EndSessions, responses(
    (status = 200, description = "How many sessions ended, or would.", body = SessionsEnded),
    NotFound,
))]
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

/// Ends all sessions of a user.
#[utoipa::path(delete, path = "/users/{id}/sessions", operation_id = "end_user_sessions", params(ById), responses(
    (status = 200, description = "How many sessions ended.", body = UserSessionsEnded),
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
