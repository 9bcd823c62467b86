//! Handlers of auth sources.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use uuid::Uuid;

use super::{
    authorization::{Caller, Configures, Reads},
    precondition::Matched,
    reply,
    source_query::BoundQuery,
};
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

async fn list(caller: Caller<Reads, BoundQuery>, admin: web::Data<Admin>) -> Reply {
    let (filter, page) = caller.query.wanted(&SOURCE_SORTS)?;
    Ok(reply::ok(&admin.directory().auth_sources(&filter, &page).await?))
}

async fn create(caller: Caller<Configures>, admin: web::Data<Admin>, input: JsonObject<NewAuthSource>) -> Reply {
    let created = admin.directory().create_auth_source(caller.actor(), input.0).await?;
    Ok(reply::tagged_created(
        format!("/api/v1/auth-sources/{}", created.id),
        &created,
    ))
}

async fn read(caller: Matched<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    caller.shown(&admin.directory().auth_source(id.into_inner()).await?)
}

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

async fn remove(caller: Matched<Configures>, admin: web::Data<Admin>, id: web::Path<Uuid>, _: NoBody) -> Reply {
    admin
        .directory()
        .delete_auth_source(caller.actor(), id.into_inner(), &caller.if_match)
        .await?;
    Ok(reply::done())
}
