//! Handlers of tags (read-only: WeCom owns them).

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use utoipa::OpenApi;

use super::{
    authorization::{Caller, Reads},
    named_query::NamedQuery,
    reply,
};
use crate::{
    admin::service::Admin,
    directory::contacts::TagView,
    kernel::{failure::Result, sorting::SortedListing},
};

type Reply = Result<HttpResponse>;

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(tags((name = "Tags", description = "Tags of the contacts, as WeCom has them.")), paths(list))]
pub(super) struct Operations;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(web::resource("/tags").get(list));
}

/// Lists the tags that the last sync read.
#[utoipa::path(get, path = "/tags", operation_id = "list_tags", params(NamedQuery), responses(
    (status = 200, description = "A page of tags.", body = SortedListing<TagView>),
))]
async fn list(caller: Caller<Reads, NamedQuery>, admin: web::Data<Admin>) -> Reply {
    let (filter, page) = caller.query.wanted()?;
    Ok(reply::ok(&admin.directory().tags(&filter, &page).await?))
}
