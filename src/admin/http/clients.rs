//! Handlers of clients (portals). `{id}` is the row id or the `client_id`.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};

use serde::Deserialize;
use uuid::Uuid;

use super::{
    authorization::{Caller, Configures, Reads},
    precondition::Matched,
    query, reply,
};
use crate::{
    admin::service::Admin,
    kernel::failure::Result,
    oidc::registration::{
        input::{ClientChange, NewClient, Rotation},
        listing::{ClientFilter, SORTS},
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    cursor: Option<String>,
    limit: Option<String>,
    sort: Option<String>,
    q: Option<String>,
    auth_source: Option<Uuid>,
    enabled: Option<String>,
}

async fn list(caller: Caller<Reads, Wanted>, admin: web::Data<Admin>) -> Reply {
    let wanted = &caller.query;
    let mut reading = query::Reading::default();
    let page = reading.sorted(&SORTS, [&wanted.cursor, &wanted.limit, &wanted.sort]);
    let filter = ClientFilter {
        search: reading.text("q", wanted.q.as_deref()).map(str::to_owned),
        auth_source: wanted.auth_source,
        enabled: reading.flag("enabled", wanted.enabled.as_deref()),
    };
    reading.done()?;
    Ok(reply::ok(&admin.registrations().clients(&filter, &page).await?))
}

async fn create(caller: Caller<Configures>, admin: web::Data<Admin>, input: JsonObject<NewClient>) -> Reply {
    let created = admin.registrations().create(caller.actor(), input.0).await?;
    Ok(reply::tagged_created(
        format!("/api/v1/clients/{}", created.client.id),
        &created,
    ))
}

async fn read(caller: Matched<Reads>, admin: web::Data<Admin>, id: web::Path<String>) -> Reply {
    caller.shown(&admin.registrations().client(&id).await?)
}

async fn change(
    caller: Matched<Configures>,
    admin: web::Data<Admin>,
    id: web::Path<String>,
    input: JsonObject<ClientChange>,
) -> Reply {
    let changed = admin
        .registrations()
        .modify(caller.actor(), &id, input.0, &caller.if_match);
    Ok(reply::tagged(&changed.await?))
}

async fn remove(caller: Matched<Configures>, admin: web::Data<Admin>, id: web::Path<String>, _: NoBody) -> Reply {
    admin
        .registrations()
        .delete(caller.actor(), &id, &caller.if_match)
        .await?;
    Ok(reply::done())
}

/// Rotates the client secret; the body may be left out.
async fn rotate(
    caller: Matched<Configures>,
    admin: web::Data<Admin>,
    id: web::Path<String>,
    rotation: OptionalObject<Rotation>,
) -> Reply {
    let rotated = admin
        .registrations()
        .rotate_secret(caller.actor(), &id, rotation.0, &caller.if_match);
    Ok(reply::tagged(&rotated.await?))
}
