//! Handlers of users.

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
use crate::{
    admin::{
        openapi::{params::ById, problems::Conflict},
        service::Admin,
    },
    directory::user::{
        input::{NewUser, UserChange},
        view::UserView,
    },
    kernel::{failure::Result, pagination::Listing},
    web::input::{JsonObject, NoBody},
};

type Reply = Result<HttpResponse>;

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Users", description = "People who sign in, wherever they came from.")),
    paths(list, create, read, change, remove)
)]
pub(super) struct Operations;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/users").get(list).post(create))
        .service(web::resource("/users/{id}").get(read).patch(change).delete(remove));
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Wanted {
    cursor: Option<String>,
    limit: Option<String>,
    /// Part of the username or display name, without regard to letter case; up to 200 characters.
    #[param(max_length = 200, example = "zhang")]
    q: Option<String>,
}

/// Lists users, oldest first.
#[utoipa::path(get, path = "/users", operation_id = "list_users", params(Wanted), responses(
    (status = 200, description = "A page of users.", body = Listing<UserView>),
))]
async fn list(caller: Caller<Reads, Wanted>, admin: web::Data<Admin>) -> Reply {
    let page = query::page(caller.query.cursor.as_deref(), caller.query.limit.as_deref())?;
    let search = query::text("q", caller.query.q.as_deref())?;
    Ok(reply::ok(&admin.directory().users(search, page).await?))
}

/// Creates a user who comes from no data source.
#[utoipa::path(post, path = "/users", operation_id = "create_user", request_body = NewUser, responses(
    (status = 201, description = "The user.", body = UserView), Conflict,
))]
async fn create(caller: Caller<Operates>, admin: web::Data<Admin>, input: JsonObject<NewUser>) -> Reply {
    let created = admin.directory().create_user(caller.editor(), input.0).await?;
    Ok(reply::created(format!("/api/v1/users/{}", created.id), &created))
}

/// Reads a user.
#[utoipa::path(get, path = "/users/{id}", operation_id = "read_user", params(ById), responses(
    (status = 200, description = "The user.", body = UserView),
))]
async fn read(_: Caller<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&admin.directory().user(id.into_inner()).await?))
}

/// Changes a user: a JSON merge patch (RFC 7396).
///
/// Disabling ends their sessions at once and revokes their tokens. What is entered by hand is pinned, so that no sync changes it, unless `pinned` says otherwise.
#[utoipa::path(patch, path = "/users/{id}", operation_id = "change_user", params(ById), request_body = UserChange, responses(
    (status = 200, description = "The user as they are now.", body = UserView), Conflict,
))]
async fn change(
    caller: Caller<Operates>,
    admin: web::Data<Admin>,
    id: web::Path<Uuid>,
    input: JsonObject<UserChange>,
) -> Reply {
    let changed = admin.directory().change_user(caller.editor(), id.into_inner(), input.0);
    Ok(reply::ok(&changed.await?))
}

/// Deletes a user, with their sessions, consents and tokens.
#[utoipa::path(delete, path = "/users/{id}", operation_id = "delete_user", params(ById), responses(
    (status = 204, description = "The user is gone."), Conflict,
))]
async fn remove(caller: Caller<Operates>, admin: web::Data<Admin>, id: web::Path<Uuid>, _: NoBody) -> Reply {
    admin.directory().delete_user(caller.editor(), id.into_inner()).await?;
    Ok(reply::done())
}
