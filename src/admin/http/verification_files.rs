//! Handlers of verification files (`WW_verify_….txt`), which Menjin serves at its root.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};
use uuid::Uuid;

use super::{
    authorization::{Caller, Configures, Reads},
    query, reply,
};
use crate::admin::openapi::{params::ById, problems::Conflict};
use crate::directory::verification_file::model::VerificationFileView;
use crate::kernel::sorting::SortedListing;
use crate::{
    admin::service::Admin,
    directory::verification_file::model::{NewVerificationFile, SORTS},
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

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Wanted {
    cursor: Option<String>,
    limit: Option<String>,
    #[param(pattern = "^-?(created_at|name|updated_at)$")]
    sort: Option<String>,
}

/// Lists verification files.
#[utoipa::path(get, path = "/verification-files", operation_id = "list_verification_files", params(Wanted), responses(
    (status = 200, description = "A page of files.", body = SortedListing<VerificationFileView>),
))]
async fn list(caller: Caller<Reads, Wanted>, admin: web::Data<Admin>) -> Reply {
    let wanted = &caller.query;
    let page = query::sorted(&SORTS, [&wanted.cursor, &wanted.limit, &wanted.sort])?;
    Ok(reply::ok(&admin.directory().verification_files(&page).await?))
}

/// Uploads a verification file; one of the same name is replaced.
#[utoipa::path(post, path = "/verification-files", operation_id = "upload_verification_file", params(query::Judging), request_body = NewVerificationFile, responses(
    (status = 201, description = "The file.", body = VerificationFileView),
    (status = 204, description = "By `dry_run`: nothing is wrong with it."),
    Conflict,
))]
async fn upload(
    caller: Caller<Configures, query::Judging>,
    admin: web::Data<Admin>,
    input: JsonObject<NewVerificationFile>,
) -> Reply {
    if caller.query.dry_run()? {
        input.0.check()?;
        return Ok(reply::done());
    }
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
