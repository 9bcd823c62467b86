//! Handlers of events about customers, as WeCom tells them at the callbacks of a data source. Needs `web::Data<Callbacks>`.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};
use uuid::Uuid;

use super::{
    authorization::{Caller, Reads},
    query, reply,
};
use crate::admin::openapi::params::ById;
use crate::{
    directory::wecom_events::{
        Callbacks,
        external_contacts::{CountView, EventFilter, EventView},
    },
    kernel::{failure::Result, pagination::Listing},
    wecom::callback::ExternalChange,
};

type Reply = Result<HttpResponse>;

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "External contacts", description = "What WeCom tells about customers (客户联系). Customers never become users.")),
    paths(list, counts)
)]
pub(super) struct Operations;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/data-sources/{id}/external-contact-events").get(list))
        .service(web::resource("/data-sources/{id}/external-contact-counts").get(counts));
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Wanted {
    cursor: Option<String>,
    limit: Option<String>,
    /// Only of this change.
    #[param(value_type = Option<ExternalChange>, inline)]
    change: Option<String>,
    /// Only about the member with this userid, exactly as WeCom writes it.
    #[param(example = "zhangsan")]
    userid: Option<String>,
    /// Only about the customer with this id.
    #[param(example = "wmAbCdEf0123456789")]
    external_userid: Option<String>,
}

/// How many events a data source was told of.
#[derive(Serialize, ToSchema)]
struct ExternalContactCounts {
    /// One for each kind that was told.
    items: Vec<CountView>,
    /// Always null: there are few kinds, so there are no pages.
    next_cursor: Option<Uuid>,
}

/// Lists events about customers, newest first: those of the last 30 days, up to 100,000.
#[utoipa::path(get, path = "/data-sources/{id}/external-contact-events", operation_id = "list_external_contact_events", params(ById, Wanted), responses(
    (status = 200, description = "A page of events.", body = Listing<EventView>),
))]
async fn list(caller: Caller<Reads, Wanted>, callbacks: web::Data<Callbacks>, id: web::Path<Uuid>) -> Reply {
    let wanted = &caller.query;
    let mut reading = query::Reading::default();
    let page = reading.page(wanted.cursor.as_deref(), wanted.limit.as_deref());
    let filter = EventFilter {
        change: reading.word("change", wanted.change.as_deref(), &ExternalChange::words()),
        userid: reading.owned("userid", wanted.userid.as_deref()),
        external_userid: reading.owned("external_userid", wanted.external_userid.as_deref()),
    };
    reading.done()?;
    Ok(reply::ok(&callbacks.external_contact_events(*id, &filter, page).await?))
}

/// Counts the events about customers by what happened, since the data source was made.
#[utoipa::path(get, path = "/data-sources/{id}/external-contact-counts", operation_id = "count_external_contact_events", params(ById), responses(
    (status = 200, description = "How many of each kind.", body = ExternalContactCounts),
))]
async fn counts(_: Caller<Reads>, callbacks: web::Data<Callbacks>, id: web::Path<Uuid>) -> Reply {
    let items = callbacks.external_contact_counts(*id).await?;
    Ok(reply::ok(&ExternalContactCounts {
        items,
        next_cursor: None,
    }))
}
