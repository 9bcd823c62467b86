//! Handlers of users' passwords and one-time codes: creating one-time links, removing. There is no way to set somebody's password, nor to
//! read it.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use uuid::Uuid;

use super::{
    authorization::{Caller, Operates},
    reply,
};
use crate::{
    kernel::failure::Result,
    signin::{Journeys, password::Purpose},
    web::input::NoBody,
};

type Reply = Result<HttpResponse>;

/// Mounts the resources. Needs `web::Data<Journeys>`.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/users/{id}/password-link").post(password_link))
        .service(web::resource("/users/{id}/password").delete(remove_password))
        .service(web::resource("/users/{id}/totp-link").post(totp_link))
        .service(web::resource("/users/{id}/totp").delete(remove_totp));
}

async fn password_link(
    caller: Caller<Operates>,
    journeys: web::Data<Journeys>,
    id: web::Path<Uuid>,
    _: NoBody,
) -> Reply {
    let link = journeys.make_link(caller.editor(), id.into_inner(), Purpose::Password);
    Ok(reply::ok(&link.await?))
}

async fn totp_link(caller: Caller<Operates>, journeys: web::Data<Journeys>, id: web::Path<Uuid>, _: NoBody) -> Reply {
    let link = journeys.make_link(caller.editor(), id.into_inner(), Purpose::Totp);
    Ok(reply::ok(&link.await?))
}

async fn remove_password(
    caller: Caller<Operates>,
    journeys: web::Data<Journeys>,
    id: web::Path<Uuid>,
    _: NoBody,
) -> Reply {
    journeys.remove_password(caller.editor(), id.into_inner()).await?;
    Ok(reply::done())
}

async fn remove_totp(caller: Caller<Operates>, journeys: web::Data<Journeys>, id: web::Path<Uuid>, _: NoBody) -> Reply {
    journeys.remove_totp(caller.editor(), id.into_inner()).await?;
    Ok(reply::done())
}
