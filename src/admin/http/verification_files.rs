//! Handlers of verification files (`WW_verify_….txt`), which Menjin serves at its root.

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
    directory::verification_file::model::NewVerificationFile,
    kernel::failure::Result,
    web::input::{JsonObject, NoBody},
};

type Reply = Result<HttpResponse>;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/verification-files").get(list).post(upload))
        .service(web::resource("/verification-files/{id}").get(read).delete(remove));
}

async fn list(caller: Caller<Reads, Paged>, admin: web::Data<Admin>) -> Reply {
    Ok(reply::ok(
        &admin.directory().verification_files(caller.query.page()?).await?,
    ))
}

async fn upload(caller: Caller<Configures>, admin: web::Data<Admin>, input: JsonObject<NewVerificationFile>) -> Reply {
    let uploaded = admin
        .directory()
        .upload_verification_file(caller.actor(), input.0)
        .await?;
    Ok(reply::created(
        format!("/api/v1/verification-files/{}", uploaded.id),
        &uploaded,
    ))
}

async fn read(_: Caller<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&admin.directory().verification_file(id.into_inner()).await?))
}

async fn remove(caller: Caller<Configures>, admin: web::Data<Admin>, id: web::Path<Uuid>, _: NoBody) -> Reply {
    admin
        .directory()
        .remove_verification_file(caller.actor(), id.into_inner())
        .await?;
    Ok(reply::done())
}
