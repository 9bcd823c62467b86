//! Handlers of departments (read-only: WeCom owns them).

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use utoipa::OpenApi;
use uuid::Uuid;

use super::{
    authorization::{Caller, Reads},
    named_query::NamedQuery,
    reply,
};
use crate::admin::openapi::params::ById;
use crate::directory::contacts::DepartmentView;
use crate::kernel::sorting::SortedListing;
use crate::{admin::service::Admin, kernel::failure::Result};

type Reply = Result<HttpResponse>;

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Departments", description = "Departments of the contacts, as WeCom has them.")),
    paths(list, read)
)]
pub(super) struct Operations;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/departments").get(list))
        .service(web::resource("/departments/{id}").get(read));
}

/// Lists the departments that the last sync read.
#[utoipa::path(get, path = "/departments", operation_id = "list_departments", params(NamedQuery), responses(
    (status = 200, description = "A page of departments.", body = SortedListing<DepartmentView>),
))]
async fn list(caller: Caller<Reads, NamedQuery>, admin: web::Data<Admin>) -> Reply {
    let (filter, page) = caller.query.wanted()?;
    Ok(reply::ok(&admin.directory().departments(&filter, &page).await?))
}

/// Reads a department.
#[utoipa::path(get, path = "/departments/{id}", operation_id = "read_department", params(ById), responses(
    (status = 200, description = "The department.", body = DepartmentView),
))]
async fn read(_: Caller<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&admin.directory().department(id.into_inner()).await?))
}
