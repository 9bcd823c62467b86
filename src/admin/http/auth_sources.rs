//! Handlers of auth sources.

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
    directory::auth_source::input::{AuthSourceChange, NewAuthSource},
    kernel::failure::Result,
    web::input::{JsonObject, NoBody},
};

type Reply = Result<HttpResponse>;

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

async fn list(caller: Caller<Reads, Paged>, admin: web::Data<Admin>) -> Reply {
    Ok(reply::ok(&admin.directory().auth_sources(caller.query.page()?).await?))
}

async fn create(caller: Caller<Configures>, admin: web::Data<Admin>, input: JsonObject<NewAuthSource>) -> Reply {
    let created = admin.directory().create_auth_source(caller.actor(), input.0).await?;
    Ok(reply::created(format!("/api/v1/auth-sources/{}", created.id), &created))
}

async fn read(_: Caller<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&admin.directory().auth_source(id.into_inner()).await?))
}

async fn change(
    caller: Caller<Configures>,
    admin: web::Data<Admin>,
    id: web::Path<Uuid>,
    input: JsonObject<AuthSourceChange>,
) -> Reply {
    let changed = admin
        .directory()
        .change_auth_source(caller.actor(), id.into_inner(), input.0);
    Ok(reply::ok(&changed.await?))
}

async fn remove(caller: Caller<Configures>, admin: web::Data<Admin>, id: web::Path<Uuid>, _: NoBody) -> Reply {
    admin
        .directory()
        .delete_auth_source(caller.actor(), id.into_inner())
        .await?;
    Ok(reply::done())
}
