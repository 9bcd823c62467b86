//! Handlers of API tokens.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    authorization::{Caller, Configures, Reads},
    query, reply,
};
use crate::{
    admin::{
        api_tokens::model::{NewToken, SORTS, TokenFilter, TokenState},
        role::Role,
        service::Admin,
    },
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    cursor: Option<String>,
    limit: Option<String>,
    sort: Option<String>,
    role: Option<String>,
    state: Option<String>,
}

async fn list(caller: Caller<Reads, Wanted>, admin: web::Data<Admin>) -> Reply {
    let wanted = &caller.query;
    let mut reading = query::Reading::default();
    let page = reading.sorted(&SORTS, [&wanted.cursor, &wanted.limit, &wanted.sort]);
    let states = TokenState::ALL.map(TokenState::word);
    let state = reading.word("state", wanted.state.as_deref(), &states);
    let filter = TokenFilter {
        role: reading.word("role", wanted.role.as_deref(), &Role::ALL.map(Role::word)),
        state: state.as_deref().and_then(TokenState::of),
    };
    reading.done()?;
    Ok(reply::ok(&admin.tokens(&filter, &page).await?))
}

async fn create(caller: Caller<Configures>, admin: web::Data<Admin>, input: JsonObject<NewToken>) -> Reply {
    let created = admin.create_token(caller.actor(), input.0).await?;
    Ok(reply::created(
        format!("/api/v1/api-tokens/{}", created.about.id),
        &created,
    ))
}

async fn read(_: Caller<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&admin.token(id.into_inner()).await?))
}

async fn revoke(caller: Caller<Configures>, admin: web::Data<Admin>, id: web::Path<Uuid>, _: NoBody) -> Reply {
    admin.revoke_token(caller.actor(), id.into_inner()).await?;
    Ok(reply::done())
}
