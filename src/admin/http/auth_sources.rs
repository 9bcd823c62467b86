//! Handlers of auth sources.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use utoipa::OpenApi;
use uuid::Uuid;

use super::{
    authorization::{Caller, Configures, Reads},
    precondition::Matched,
    reply,
    source_query::BoundQuery,
};
use crate::admin::openapi::{
    params::{ById, InState, Known},
    problems::{Conflict, TooMany},
};
use crate::directory::auth_source::view::AuthSourceView;
use crate::kernel::sorting::SortedListing;
use crate::{
    admin::service::Admin,
    directory::{
        auth_source::input::{AuthSourceChange, NewAuthSource},
        listing::SOURCE_SORTS,
    },
    kernel::failure::Result,
    web::input::{JsonObject, NoBody},
};

type Reply = Result<HttpResponse>;

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Auth sources", description = "Apps by which the people of a corp sign in with WeCom.")),
    paths(list, create, read, change, remove)
)]
pub(super) struct Operations;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/auth-sources").get(list).post(create))
        .service(
            web::resource("/auth-sources/{id}")
                .get(read)
                .patch(change)
                .delete(remove),
        );
}

/// Lists auth sources.
#[utoipa::path(get, path = "/auth-sources", operation_id = "list_auth_sources", params(BoundQuery), responses(
    (status = 200, description = "A page of auth sources.", body = SortedListing<AuthSourceView>),
))]
async fn list(caller: Caller<Reads, BoundQuery>, admin: web::Data<Admin>) -> Reply {
    let (filter, page) = caller.query.wanted(&SOURCE_SORTS)?;
    Ok(reply::ok(&admin.directory().auth_sources(&filter, &page).await?))
}

/// Creates an auth source.
///
/// Its credential is tried live first: what WeCom refuses is told field by field in `errors` and nothing is saved, unless `save_anyway` is
/// true.
#[utoipa::path(post, path = "/auth-sources", operation_id = "create_auth_source", request_body = NewAuthSource, responses(
    (status = 201, description = "The auth source.", body = AuthSourceView),
    Conflict,
    TooMany,
))]
async fn create(caller: Caller<Configures>, admin: web::Data<Admin>, input: JsonObject<NewAuthSource>) -> Reply {
    let created = admin.directory().create_auth_source(caller.actor(), input.0).await?;
    Ok(reply::tagged_created(
        format!("/api/v1/auth-sources/{}", created.id),
        &created,
    ))
}

/// Reads an auth source, with what is wrong with its set-up now.
#[utoipa::path(get, path = "/auth-sources/{id}", operation_id = "read_auth_source", params(ById, Known), responses(
    (status = 200, description = "The auth source.", body = AuthSourceView),
))]
async fn read(caller: Matched<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    caller.shown(&admin.directory().auth_source(id.into_inner()).await?)
}

/// Changes an auth source: a JSON merge patch (RFC 7396).
///
/// A credential that changes is tried live first, as when an auth source is created.
#[utoipa::path(patch, path = "/auth-sources/{id}", operation_id = "change_auth_source", params(ById, InState), request_body = AuthSourceChange, responses(
    (status = 200, description = "The auth source as it is now.", body = AuthSourceView),
    Conflict,
    TooMany,
))]
async fn change(
    caller: Matched<Configures>,
    admin: web::Data<Admin>,
    id: web::Path<Uuid>,
    input: JsonObject<AuthSourceChange>,
) -> Reply {
    let changed = admin
        .directory()
        .change_auth_source(caller.actor(), id.into_inner(), input.0, &caller.if_match);
    Ok(reply::tagged(&changed.await?))
}

/// Deletes an auth source that no client names.
#[utoipa::path(delete, path = "/auth-sources/{id}", operation_id = "delete_auth_source", params(ById, InState), responses(
    (status = 204, description = "The auth source is gone."),
    Conflict,
))]
async fn remove(caller: Matched<Configures>, admin: web::Data<Admin>, id: web::Path<Uuid>, _: NoBody) -> Reply {
    admin
        .directory()
        .delete_auth_source(caller.actor(), id.into_inner(), &caller.if_match)
        .await?;
    Ok(reply::done())
}
