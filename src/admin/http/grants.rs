//! Handlers of grants.

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
    grants::model::{GrantView, GrantsEnded},
    openapi::{
        params::{ByClient, ById},
        problems::NotFound,
    },
};
use crate::kernel::pagination::Listing;
use crate::{
    admin::{grants::model::GrantFilter, service::Admin},
    kernel::failure::Result,
    web::input::NoBody,
};

type Reply = Result<HttpResponse>;

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Grants", description = "What people granted portals: each grant is a family of tokens.")),
    paths(list, read, end, end_of_user, end_of_client)
)]
pub(super) struct Operations;

/// Mounts the resources.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/grants").get(list))
        .service(web::resource("/grants/{id}").get(read).delete(end))
        .service(web::resource("/users/{id}/grants").delete(end_of_user))
        .service(web::resource("/clients/{id}/grants").delete(end_of_client));
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Wanted {
    cursor: Option<String>,
    limit: Option<String>,
    /// Given by this user.
    user_id: Option<Uuid>,
    /// Given to this portal: row id or `client_id`.
    client_id: Option<String>,
    /// Given in this session.
    session_id: Option<Uuid>,
    /// `true`: only those that were ended; `false`: only the others.
    #[param(value_type = Option<bool>)]
    revoked: Option<String>,
}

/// Lists grants, newest first.
#[utoipa::path(get, path = "/grants", operation_id = "list_grants", params(Wanted), responses(
    (status = 200, description = "A page of grants.", body = Listing<GrantView>),
    NotFound,
))]
async fn list(caller: Caller<Reads, Wanted>, admin: web::Data<Admin>) -> Reply {
    let wanted = &caller.query;
    let mut reading = query::Reading::default();
    let page = reading.page(wanted.cursor.as_deref(), wanted.limit.as_deref());
    let client = reading.text("client_id", wanted.client_id.as_deref());
    let revoked = reading.flag("revoked", wanted.revoked.as_deref());
    reading.done()?;
    let client = admin.portal_of_filter(client).await?;
    let filter = GrantFilter {
        user: wanted.user_id,
        client: client.map(|portal| portal.id),
        session: wanted.session_id,
        revoked,
    };
    Ok(reply::ok(&admin.grants(&filter, page).await?))
}

/// Reads a grant.
#[utoipa::path(get, path = "/grants/{id}", operation_id = "read_grant", params(ById), responses(
    (status = 200, description = "The grant.", body = GrantView),
))]
async fn read(_: Caller<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&admin.grant(*id).await?))
}

/// Ends a grant: its tokens are refused from then on.
#[utoipa::path(delete, path = "/grants/{id}", operation_id = "end_grant", params(ById), responses(
    (status = 204, description = "The grant is ended; its tokens are refused."),
))]
async fn end(caller: Caller<Operates>, admin: web::Data<Admin>, id: web::Path<Uuid>, _: NoBody) -> Reply {
    admin.end_grant(caller.editor(), *id).await?;
    Ok(reply::done())
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Ending {
    /// `true`: nothing is ended, only counted.
    #[param(value_type = Option<bool>)]
    dry_run: Option<String>,
}

impl Ending {
    fn dry_run(&self) -> Result<bool> {
        let mut reading = query::Reading::default();
        let dry_run = reading.flag("dry_run", self.dry_run.as_deref());
        reading.done().map(|()| dry_run.unwrap_or_default())
    }
}

/// Ends all grants that a user gave, or counts them.
#[utoipa::path(delete, path = "/users/{id}/grants", operation_id = "end_grants_of_user", params(ById, Ending), responses(
    (status = 200, description = "How many were ended.", body = GrantsEnded),
))]
async fn end_of_user(
    caller: Caller<Operates, Ending>,
    admin: web::Data<Admin>,
    user: web::Path<Uuid>,
    _: NoBody,
) -> Reply {
    let dry_run = caller.query.dry_run()?;
    let ended = admin.end_grants_of_user(caller.editor(), *user, dry_run).await?;
    Ok(reply::ok(&ended))
}

/// Ends all grants that were given to a portal, or counts them.
#[utoipa::path(delete, path = "/clients/{id}/grants", operation_id = "end_grants_of_client", params(ByClient, Ending), responses(
    (status = 200, description = "How many were ended.", body = GrantsEnded),
))]
async fn end_of_client(
    caller: Caller<Operates, Ending>,
    admin: web::Data<Admin>,
    portal: web::Path<String>,
    _: NoBody,
) -> Reply {
    let dry_run = caller.query.dry_run()?;
    let ended = admin.end_grants_of_client(caller.editor(), &portal, dry_run).await?;
    Ok(reply::ok(&ended))
}
