//! Handlers of initial access tokens: whoever holds one may register clients at `/oauth2/register`.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use uuid::Uuid;

use super::{
    authorization::{Caller, Configures, Reads},
    query::Paged,
    reply,
};
use crate::{
    admin::service::Admin,
    kernel::failure::Result,
    oidc::registration::initial_access_token::NewInitial,
    web::input::{JsonObject, NoBody},
};

type Reply = Result<HttpResponse>;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/initial-access-tokens").get(list).post(create))
        .service(web::resource("/initial-access-tokens/{id}").get(read).delete(revoke));
}

async fn list(caller: Caller<Reads, Paged>, admin: web::Data<Admin>) -> Reply {
    Ok(reply::ok(&admin.registrations().initials(caller.query.page()?).await?))
}

async fn create(caller: Caller<Configures>, admin: web::Data<Admin>, input: JsonObject<NewInitial>) -> Reply {
    let created = admin.registrations().create_initial(caller.actor(), input.0);
    let created = created.await?;
    Ok(reply::created(
        format!("/api/v1/initial-access-tokens/{}", created.about.id),
        &created,
    ))
}

async fn read(_: Caller<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&admin.registrations().initial(id.into_inner()).await?))
}

async fn revoke(caller: Caller<Configures>, admin: web::Data<Admin>, id: web::Path<Uuid>, _: NoBody) -> Reply {
    admin
        .registrations()
        .revoke_initial(caller.actor(), id.into_inner())
        .await?;
    Ok(reply::done())
}
