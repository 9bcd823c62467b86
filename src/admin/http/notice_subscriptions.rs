//! Handlers of subscriptions: who is told of what, by which channel, and when.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};
use uuid::Uuid;

use super::{
    authorization::{Caller, Configures, Reads},
    precondition::Matched,
    query, reply,
};
use crate::admin::openapi::params::{ById, InState, Known};
use crate::{
    kernel::{
        failure::Result,
        sorting::{Kind, Sort, SortWords, SortedListing},
    },
    notices::{
        Notices,
        subscription::{
            input::{NewSubscription, SubscriptionChange},
            view::{SubscriptionFilter, SubscriptionView},
        },
    },
    web::input::{JsonObject, NoBody},
};

type Reply = Result<HttpResponse>;

/// How a list of subscriptions can be sorted.
const SORTS: SortWords = SortWords::new(&[("created_at", Kind::Id)], Sort::up("created_at", Kind::Id));

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Notice subscriptions", description = "Who is told of what, by which channel, in which language, and when.")),
    paths(list, create, read, change, remove)
)]
pub(super) struct Operations;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/notice-subscriptions").get(list).post(create))
        .service(
            web::resource("/notice-subscriptions/{id}")
                .get(read)
                .patch(change)
                .delete(remove),
        );
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Wanted {
    cursor: Option<String>,
    limit: Option<String>,
    #[param(pattern = "^-?(created_at)$")]
    sort: Option<String>,
    /// Only by the channel with this row id.
    channel_id: Option<Uuid>,
    /// Only about the data source with this row id alone.
    data_source_id: Option<Uuid>,
}

/// Lists notice subscriptions.
#[utoipa::path(get, path = "/notice-subscriptions", operation_id = "list_notice_subscriptions", params(Wanted), responses(
    (status = 200, description = "A page of subscriptions.", body = SortedListing<SubscriptionView>),
))]
async fn list(caller: Caller<Reads, Wanted>, notices: web::Data<Notices>) -> Reply {
    let wanted = &caller.query;
    let page = query::sorted(&SORTS, [&wanted.cursor, &wanted.limit, &wanted.sort])?;
    let filter = SubscriptionFilter {
        channel: wanted.channel_id,
        data_source: wanted.data_source_id,
    };
    Ok(reply::ok(&notices.subscriptions(&filter, &page).await?))
}

/// Creates a notice subscription.
#[utoipa::path(post, path = "/notice-subscriptions", operation_id = "create_notice_subscription", request_body = NewSubscription, responses(
    (status = 201, description = "The subscription.", body = SubscriptionView),
))]
async fn create(caller: Caller<Configures>, notices: web::Data<Notices>, input: JsonObject<NewSubscription>) -> Reply {
    let created = notices.create_subscription(caller.actor(), &input.0).await?;
    Ok(reply::tagged_created(
        format!("/api/v1/notice-subscriptions/{}", created.id),
        &created,
    ))
}

/// Reads a notice subscription.
#[utoipa::path(get, path = "/notice-subscriptions/{id}", operation_id = "read_notice_subscription", params(ById, Known), responses(
    (status = 200, description = "The subscription.", body = SubscriptionView),
))]
async fn read(caller: Matched<Reads>, notices: web::Data<Notices>, id: web::Path<Uuid>) -> Reply {
    caller.shown(&notices.subscription(id.into_inner()).await?)
}

/// Changes a notice subscription: a JSON merge patch (RFC 7396).
#[utoipa::path(patch, path = "/notice-subscriptions/{id}", operation_id = "change_notice_subscription", params(ById, InState), request_body = SubscriptionChange, responses(
    (status = 200, description = "The subscription as it is now.", body = SubscriptionView),
))]
async fn change(
    caller: Matched<Configures>,
    notices: web::Data<Notices>,
    id: web::Path<Uuid>,
    input: JsonObject<SubscriptionChange>,
) -> Reply {
    let changed = notices.change_subscription(caller.actor(), id.into_inner(), &input.0, &caller.if_match);
    Ok(reply::tagged(&changed.await?))
}

/// Deletes a notice subscription.
#[utoipa::path(delete, path = "/notice-subscriptions/{id}", operation_id = "delete_notice_subscription", params(ById, InState), responses(
    (status = 204, description = "The subscription is gone."),
))]
async fn remove(caller: Matched<Configures>, notices: web::Data<Notices>, id: web::Path<Uuid>, _: NoBody) -> Reply {
    notices
        .delete_subscription(caller.actor(), id.into_inner(), &caller.if_match)
        .await?;
    Ok(reply::done())
}
