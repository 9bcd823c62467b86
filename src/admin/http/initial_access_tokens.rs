//! Handlers of initial access tokens: whoever holds one may register clients at `/oauth2/register`.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};
use uuid::Uuid;

use super::{
    authorization::{Caller, Configures, Reads},
    query, reply,
};
use crate::admin::openapi::params::ById;
use crate::kernel::sorting::SortedListing;
use crate::oidc::registration::initial_access_token::{CreatedInitial, InitialView};
use crate::{
    admin::service::Admin,
    kernel::failure::Result,
    oidc::registration::initial_access_token::{INITIAL_SORTS, NewInitial},
    web::input::{JsonObject, NoBody},
};

type Reply = Result<HttpResponse>;

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Initial access tokens", description = "Whoever holds one may register clients at `/oauth2/register`.")),
    paths(list, create, read, revoke)
)]
pub(super) struct Operations;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/initial-access-tokens").get(list).post(create))
        .service(web::resource("/initial-access-tokens/{id}").get(read).delete(revoke));
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Wanted {
    cursor: Option<String>,
    limit: Option<String>,
    #[param(pattern = "^-?(created_at|name)$")]
    sort: Option<String>,
}

/// Lists initial access tokens, without the tokens themselves.
#[utoipa::path(get, path = "/initial-access-tokens", operation_id = "list_initial_access_tokens", params(Wanted), responses(
    (status = 200, description = "A page of tokens.", body = SortedListing<InitialView>),
))]
async fn list(caller: Caller<Reads, Wanted>, admin: web::Data<Admin>) -> Reply {
    let wanted = &caller.query;
    let page = query::sorted(&INITIAL_SORTS, [&wanted.cursor, &wanted.limit, &wanted.sort])?;
    Ok(reply::ok(&admin.registrations().initials(&page).await?))
}

/// Creates an initial access token, which is shown this once.
#[utoipa::path(post, path = "/initial-access-tokens", operation_id = "create_initial_access_token", request_body = NewInitial, responses(
    (status = 201, description = "The token.", body = CreatedInitial),
))]
async fn create(caller: Caller<Configures>, admin: web::Data<Admin>, input: JsonObject<NewInitial>) -> Reply {
    let created = admin.registrations().create_initial(caller.actor(), input.0);
    let created = created.await?;
    Ok(reply::created(
        format!("/api/v1/initial-access-tokens/{}", created.about.id),
        &created,
    ))
}

/// Reads an initial access token, without the token itself.
#[utoipa::path(get, path = "/initial-access-tokens/{id}", operation_id = "read_initial_access_token", params(ById), responses(
    (status = 200, description = "The token.", body = InitialView),
))]
async fn read(_: Caller<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&admin.registrations().initial(id.into_inner()).await?))
}

/// Revokes an initial access token; clients that it registered stay.
#[utoipa::path(delete, path = "/initial-access-tokens/{id}", operation_id = "revoke_initial_access_token", params(ById), responses(
    (status = 204, description = "The token is revoked."),
))]
async fn revoke(caller: Caller<Configures>, admin: web::Data<Admin>, id: web::Path<Uuid>, _: NoBody) -> Reply {
    admin
        .registrations()
        .revoke_initial(caller.actor(), id.into_inner())
        .await?;
    Ok(reply::done())
}
