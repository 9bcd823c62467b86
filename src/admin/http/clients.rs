//! Handlers of clients (portals). `{id}` is the row id or the `client_id`.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use utoipa::OpenApi;

use super::{
    authorization::{Caller, Configures, Reads},
    query::Paged,
    reply,
};
use crate::admin::openapi::{params::ByClient, problems::Conflict};
use crate::kernel::pagination::Listing;
use crate::oidc::registration::view::{ClientView, Registered, Rotated};
use crate::{
    admin::service::Admin,
    kernel::failure::Result,
    oidc::registration::input::{ClientChange, NewClient, Rotation},
    web::input::{JsonObject, NoBody, OptionalObject},
};

type Reply = Result<HttpResponse>;

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Clients", description = "Portals that people sign in at: OpenID Connect relying parties.")),
    paths(list, create, read, change, remove, rotate)
)]
pub(super) struct Operations;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/clients").get(list).post(create))
        .service(web::resource("/clients/{id}").get(read).patch(change).delete(remove))
        .service(web::resource("/clients/{id}/secret").post(rotate));
}

/// Lists clients.
#[utoipa::path(get, path = "/clients", operation_id = "list_clients", params(Paged), responses(
    (status = 200, description = "A page of clients.", body = Listing<ClientView>),
))]
async fn list(caller: Caller<Reads, Paged>, admin: web::Data<Admin>) -> Reply {
    Ok(reply::ok(&admin.registrations().clients(caller.query.page()?).await?))
}

/// Registers a client.
#[utoipa::path(post, path = "/clients", operation_id = "create_client", request_body = NewClient, responses(
    (status = 201, description = "The client, with its secret.", body = Registered),
    Conflict,
))]
async fn create(caller: Caller<Configures>, admin: web::Data<Admin>, input: JsonObject<NewClient>) -> Reply {
    let created = admin.registrations().create(caller.actor(), input.0).await?;
    Ok(reply::created(
        format!("/api/v1/clients/{}", created.client.id),
        &created,
    ))
}

/// Reads a client.
#[utoipa::path(get, path = "/clients/{id}", operation_id = "read_client", params(ByClient), responses(
    (status = 200, description = "The client.", body = ClientView),
))]
async fn read(_: Caller<Reads>, admin: web::Data<Admin>, id: web::Path<String>) -> Reply {
    Ok(reply::ok(&admin.registrations().client(&id).await?))
}

/// Changes a client: a JSON merge patch (RFC 7396).
#[utoipa::path(patch, path = "/clients/{id}", operation_id = "change_client", params(ByClient), request_body = ClientChange, responses(
    (status = 200, description = "The client as it is now.", body = ClientView),
    Conflict,
))]
async fn change(
    caller: Caller<Configures>,
    admin: web::Data<Admin>,
    id: web::Path<String>,
    input: JsonObject<ClientChange>,
) -> Reply {
    let changed = admin.registrations().modify(caller.actor(), &id, input.0);
    Ok(reply::ok(&changed.await?))
}

/// Deletes a client; what was granted to it ends.
#[utoipa::path(delete, path = "/clients/{id}", operation_id = "delete_client", params(ByClient), responses(
    (status = 204, description = "The client is gone."),
))]
async fn remove(caller: Caller<Configures>, admin: web::Data<Admin>, id: web::Path<String>, _: NoBody) -> Reply {
    admin.registrations().delete(caller.actor(), &id).await?;
    Ok(reply::done())
}

/// Replaces the secret of a client; the body may be left out.
#[utoipa::path(post, path = "/clients/{id}/secret", operation_id = "rotate_client_secret", params(ByClient), request_body = Option<Rotation>, responses(
    (status = 200, description = "The new secret, shown this once.", body = Rotated),
    Conflict,
))]
async fn rotate(
    caller: Caller<Configures>,
    admin: web::Data<Admin>,
    id: web::Path<String>,
    rotation: OptionalObject<Rotation>,
) -> Reply {
    let rotated = admin.registrations().rotate_secret(caller.actor(), &id, rotation.0);
    Ok(reply::ok(&rotated.await?))
}
