//! Handlers of API tokens.

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
    admin::{api_tokens::model::NewToken, service::Admin},
    kernel::failure::Result,
    web::input::{JsonObject, NoBody},
};

type Reply = Result<HttpResponse>;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/api-tokens").get(list).post(create))
        .service(web::resource("/api-tokens/{id}").get(read).delete(revoke));
}

async fn list(caller: Caller<Reads, Paged>, admin: web::Data<Admin>) -> Reply {
    Ok(reply::ok(&admin.tokens(caller.query.page()?).await?))
}

async fn create(caller: Caller<Configures>, admin: web::Data<Admin>, input: JsonObject<NewToken>) -> Reply {
    let created = admin.create_token(caller.giver(), input.0).await?;
    Ok(reply::created(
        format!("/api/v1/api-tokens/{}", created.about.id),
        &created,
    ))
}

async fn read(_: Caller<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&admin.token(id.into_inner()).await?))
}

async fn revoke(caller: Caller<Configures>, admin: web::Data<Admin>, id: web::Path<Uuid>, _: NoBody) -> Reply {
    admin.revoke_token(caller.giver(), id.into_inner()).await?;
    Ok(reply::done())
}
