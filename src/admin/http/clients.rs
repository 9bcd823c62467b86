//! Handlers of clients (portals). `{id}` is the row id or the `client_id`.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};

use super::{
    authorization::{Caller, Configures, Reads},
    query::Paged,
    reply,
};
use crate::{
    admin::service::Admin,
    kernel::failure::Result,
    oidc::registration::input::{ClientChange, NewClient, Rotation},
    web::input::{JsonObject, NoBody, OptionalObject},
};

type Reply = Result<HttpResponse>;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/clients").get(list).post(create))
        .service(web::resource("/clients/{id}").get(read).patch(change).delete(remove))
        .service(web::resource("/clients/{id}/secret").post(rotate));
}

async fn list(caller: Caller<Reads, Paged>, admin: web::Data<Admin>) -> Reply {
    Ok(reply::ok(&admin.registrations().clients(caller.query.page()?).await?))
}

async fn create(caller: Caller<Configures>, admin: web::Data<Admin>, input: JsonObject<NewClient>) -> Reply {
    let created = admin.registrations().create(caller.actor(), input.0).await?;
    Ok(reply::created(
        format!("/api/v1/clients/{}", created.client.id),
        &created,
    ))
}

async fn read(_: Caller<Reads>, admin: web::Data<Admin>, id: web::Path<String>) -> Reply {
    Ok(reply::ok(&admin.registrations().client(&id).await?))
}

async fn change(
    caller: Caller<Configures>,
    admin: web::Data<Admin>,
    id: web::Path<String>,
    input: JsonObject<ClientChange>,
) -> Reply {
    let changed = admin.registrations().modify(caller.actor(), &id, input.0);
    Ok(reply::ok(&changed.await?))
}

async fn remove(caller: Caller<Configures>, admin: web::Data<Admin>, id: web::Path<String>, _: NoBody) -> Reply {
    admin.registrations().delete(caller.actor(), &id).await?;
    Ok(reply::done())
}

/// Rotates the client secret; the body may be left out.
async fn rotate(
    caller: Caller<Configures>,
    admin: web::Data<Admin>,
    id: web::Path<String>,
    rotation: OptionalObject<Rotation>,
) -> Reply {
    let rotated = admin.registrations().rotate_secret(caller.actor(), &id, rotation.0);
    Ok(reply::ok(&rotated.await?))
}
