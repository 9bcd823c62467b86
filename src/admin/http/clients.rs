//! Handlers of clients (portals). `{id}` is the row id or the `client_id`.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};

use super::{
    authorization::{Caller, Configures, OrPortal, Reads},
    query::Paged,
    reply,
};
use crate::{
    admin::{failure::AdminFailure, service::Admin},
    kernel::failure::Result,
    oidc::registration::{
        RegistrationFailure,
        input::{ClientChange, NewClient, Rotation},
        portal_fields,
        view::ClientView,
    },
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

async fn list(caller: Caller<OrPortal<Reads>, Paged>, admin: web::Data<Admin>) -> Reply {
    let page = caller.query.page()?;
    let clients = admin.registrations().clients(caller.portals(), page);
    Ok(reply::ok(&clients.await?))
}

/// The client, if the caller reaches it.
async fn reached<N, Q>(caller: &Caller<OrPortal<N>, Q>, admin: &Admin, id: &str) -> Result<ClientView> {
    let client = admin.registrations().client(id).await?;
    caller.reaches_portal(client.id, RegistrationFailure::NotFound)?;
    Ok(client)
}

async fn create(caller: Caller<Configures>, admin: web::Data<Admin>, input: JsonObject<NewClient>) -> Reply {
    let created = admin.registrations().create(caller.actor(), input.0).await?;
    Ok(reply::created(
        format!("/api/v1/clients/{}", created.client.id),
        &created,
    ))
}

async fn read(caller: Caller<OrPortal<Reads>>, admin: web::Data<Admin>, id: web::Path<String>) -> Reply {
    Ok(reply::ok(&reached(&caller, &admin, &id).await?))
}

/// Changes a client. Whoever looks after the portal only changes what is theirs.
async fn change(
    caller: Caller<OrPortal<Configures>>,
    admin: web::Data<Admin>,
    id: web::Path<String>,
    input: JsonObject<ClientChange>,
) -> Reply {
    let id = reached(&caller, &admin, &id).await?.id.to_string();
    let forbidden = portal_fields::not_own(&input.0);
    if caller.portals().is_some() && !forbidden.is_empty() {
        return Err(AdminFailure::FieldForbidden.failure().detail(forbidden.join(", ")));
    }
    let changed = admin.registrations().modify(caller.actor(), &id, input.0);
    Ok(reply::ok(&changed.await?))
}

async fn remove(caller: Caller<Configures>, admin: web::Data<Admin>, id: web::Path<String>, _: NoBody) -> Reply {
    admin.registrations().delete(caller.actor(), &id).await?;
    Ok(reply::done())
}

/// Rotates the client secret; the body may be left out.
async fn rotate(
    caller: Caller<OrPortal<Configures>>,
    admin: web::Data<Admin>,
    id: web::Path<String>,
    rotation: OptionalObject<Rotation>,
) -> Reply {
    let id = reached(&caller, &admin, &id).await?.id.to_string();
    let rotated = admin.registrations().rotate_secret(caller.actor(), &id, rotation.0);
    Ok(reply::ok(&rotated.await?))
}
