//! Handlers of verification files (`WW_verify_….txt`), which Menjin serves at its root.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use utoipa::OpenApi;
use uuid::Uuid;

use super::{
    authorization::{Caller, Configures, Reads},
    query::Paged,
    reply,
};
use crate::admin::openapi::{params::ById, problems::Conflict};
use crate::directory::verification_file::model::VerificationFileView;
use crate::kernel::pagination::Listing;
use crate::{
    admin::service::Admin,
    directory::verification_file::model::NewVerificationFile,
    kernel::failure::Result,
    web::input::{JsonObject, NoBody},
};

type Reply = Result<HttpResponse>;

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Verification files", description = "Files (`WW_verify_….txt`) by which WeCom verifies that a domain is ours; served at the root.")),
    paths(list, upload, read, remove)
)]
pub(super) struct Operations;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/verification-files").get(list).post(upload))
        .service(web::resource("/verification-files/{id}").get(read).delete(remove));
}

/// Lists verification files.
#[utoipa::path(get, path = "/verification-files", operation_id = "list_verification_files", params(Paged), responses(
    (status = 200, description = "A page of files.", body = Listing<VerificationFileView>),
))]
async fn list(caller: Caller<Reads, Paged>, admin: web::Data<Admin>) -> Reply {
    Ok(reply::ok(
        &admin.directory().verification_files(caller.query.page()?).await?,
    ))
}

/// Uploads a verification file; one of the same name is replaced.
#[utoipa::path(post, path = "/verification-files", operation_id = "upload_verification_file", request_body = NewVerificationFile, responses(
    (status = 201, description = "The file.", body = VerificationFileView),
    Conflict,
))]
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

/// Reads a verification file.
#[utoipa::path(get, path = "/verification-files/{id}", operation_id = "read_verification_file", params(ById), responses(
    (status = 200, description = "The file.", body = VerificationFileView),
))]
async fn read(_: Caller<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&admin.directory().verification_file(id.into_inner()).await?))
}

/// Deletes a verification file, which is served no longer.
#[utoipa::path(delete, path = "/verification-files/{id}", operation_id = "delete_verification_file", params(ById), responses(
    (status = 204, description = "The file is gone."),
))]
async fn remove(caller: Caller<Configures>, admin: web::Data<Admin>, id: web::Path<Uuid>, _: NoBody) -> Reply {
    admin
        .directory()
        .remove_verification_file(caller.actor(), id.into_inner())
        .await?;
    Ok(reply::done())
}
