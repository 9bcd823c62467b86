//! Handlers of departments (read-only: WeCom owns them).

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};
use uuid::Uuid;

use super::{
    authorization::{Caller, Reads},
    query::Reading,
    reply,
};
use crate::admin::openapi::params::ById;
use crate::kernel::sorting::{SortedListing, SortedPage};
use crate::{
    admin::service::Admin,
    directory::contacts::{
        DepartmentView,
        model::{DepartmentPlace, NAMED_SORTS, NamedFilter},
    },
    kernel::failure::Result,
};

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

/// Query of a list of departments.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Wanted {
    cursor: Option<String>,
    limit: Option<String>,
    #[param(pattern = "^-?(created_at|name|wecom_id)$")]
    sort: Option<String>,
    /// Only of the data source with this row id.
    data_source: Option<Uuid>,
    /// Only those whose name contains this text, without regard to letter case.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Only those directly below the department with this row id.
    parent: Option<Uuid>,
    /// Only the department with this row id and those above it.
    lineage: Option<Uuid>,
    /// `true`: only those above all others that are known here.
    #[param(value_type = Option<bool>)]
    top: Option<String>,
}

impl Wanted {
    /// What is wanted: of one place at most.
    fn wanted(&self) -> Result<(NamedFilter, Option<DepartmentPlace>, SortedPage)> {
        let mut reading = Reading::default();
        let page = reading.sorted(&NAMED_SORTS, [&self.cursor, &self.limit, &self.sort]);
        let filter = NamedFilter {
            data_source: self.data_source,
            search: reading.text("q", self.q.as_deref()).map(str::to_owned),
        };
        let top = reading.flag("top", self.top.as_deref()).unwrap_or_default();
        let parent = self.parent.map(DepartmentPlace::Below);
        let place = parent
            .or(self.lineage.map(DepartmentPlace::Lineage))
            .or(top.then_some(DepartmentPlace::Top));
        let given = [self.parent.is_some(), self.lineage.is_some(), top];
        let many = given.into_iter().filter(|given| *given).count();
        reading.check(many < 2, "parent", "cannot stand beside lineage or top");
        reading.done().map(|()| (filter, place, page))
    }
}

/// Lists the departments that the last sync read.
#[utoipa::path(get, path = "/departments", operation_id = "list_departments", params(Wanted), responses(
    (status = 200, description = "A page of departments.", body = SortedListing<DepartmentView>),
))]
async fn list(caller: Caller<Reads, Wanted>, admin: web::Data<Admin>) -> Reply {
    let (filter, place, page) = caller.query.wanted()?;
    let found = admin.directory().departments((&filter, place), &page).await?;
    Ok(reply::ok(&found))
}

/// Reads a department.
#[utoipa::path(get, path = "/departments/{id}", operation_id = "read_department", params(ById), responses(
    (status = 200, description = "The department.", body = DepartmentView),
))]
async fn read(_: Caller<Reads>, admin: web::Data<Admin>, id: web::Path<Uuid>) -> Reply {
    Ok(reply::ok(&admin.directory().department(id.into_inner()).await?))
}
