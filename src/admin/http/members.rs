//! Handlers of members. WeCom owns them; what can be decided is who of them becomes a user.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{
    authorization::{Caller, Operates, Reads},
    query, reply,
};
use crate::{
    admin::service::Admin,
    directory::{
        contacts::model::{MEMBER_SORTS, MEMBER_STATES, MemberFilter, OUTCOMES},
        importing::{ImportInput, ManyInput},
        sync::Sync,
    },
    kernel::failure::Result,
    web::input::{JsonObject, NoBody, OptionalObject},
};

type Reply = Result<HttpResponse>;

/// Mounts the resource. Needs `web::Data<Sync>` for what is decided.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/members").get(list))
        .service(web::resource("/members/import").post(import_many))
        .service(web::resource("/members/{id}").get(read))
        .service(web::resource("/members/{id}/import").post(import))
        .service(web::resource("/members/{id}/exclude").post(exclude));
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    cursor: Option<String>,
    limit: Option<String>,
    sort: Option<String>,
    data_source: Option<Uuid>,
    outcome: Option<String>,
    state: Option<String>,
    department: Option<Uuid>,
    /// Text in userid, name or e-mail address.
    q: Option<String>,
}

async fn list(caller: Caller<Reads, Wanted>, admin: web::Data<Admin>) -> Reply {
    let wanted = &caller.query;
    let mut reading = query::Reading::default();
    let page = reading.sorted(&MEMBER_SORTS, [&wanted.cursor, &wanted.limit, &wanted.sort]);
    let filter = MemberFilter {
        data_source: wanted.data_source,
        outcome: reading.word("outcome", wanted.outcome.as_deref(), &OUTCOMES),
        state: reading.word("state", wanted.state.as_deref(), &MEMBER_STATES),
        department: wanted.department,
        search: reading.text("q", wanted.q.as_deref()).map(str::to_owned),
    };
    reading.done()?;
    Ok(reply::ok(&admin.directory().members(&filter, &page).await?))
}

async fn read(_: Caller<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&admin.directory().member(*id).await?))
}

async fn import(
    caller: Caller<Operates>,
    admin: web::Data<Admin>,
    sync: web::Data<Sync>,
    id: web::Path<Uuid>,
    input: OptionalObject<ImportInput>,
) -> Reply {
    match &input.0.username {
        Some(username) => sync.rename_member(caller.actor(), *id, username).await?,
        None => sync.import_member(caller.actor(), *id).await?,
    }
    Ok(reply::ok(&admin.directory().member(*id).await?))
}

async fn import_many(
    caller: Caller<Operates>,
    admin: web::Data<Admin>,
    sync: web::Data<Sync>,
    input: JsonObject<ManyInput>,
) -> Reply {
    sync.import_members(caller.actor(), &input.0).await?;
    let mut items = Vec::with_capacity(input.0.members.len());
    for id in &input.0.members {
        items.push(admin.directory().member(*id).await?);
    }
    Ok(reply::ok(&json!({ "items": items })))
}

async fn exclude(
    caller: Caller<Operates>,
    admin: web::Data<Admin>,
    sync: web::Data<Sync>,
    id: web::Path<Uuid>,
    _: NoBody,
) -> Reply {
    sync.exclude_member(caller.actor(), *id).await?;
    Ok(reply::ok(&admin.directory().member(*id).await?))
}
