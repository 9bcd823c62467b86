//! Handlers of the channels by which notices reach people.

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
use crate::admin::openapi::{
    params::{ById, InState, Known},
    problems::Conflict,
};
use crate::{
    kernel::{failure::Result, sorting::SortedListing},
    notices::{
        Notices,
        channel::{
            input::{ChannelChange, NewChannel},
            service::{ChannelTest, Compared, Comparison},
            view::{ChannelFilter, ChannelView, CreatedChannel, SORTS},
        },
        delivery::ChannelKind,
        record_view::NoticeView,
    },
    web::input::{JsonObject, NoBody},
};

type Reply = Result<HttpResponse>;

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Notice channels", description = "Ways by which notices reach people: e-mail, WeCom messages, webhooks.")),
    paths(list, create, read, change, remove, test, compare)
)]
pub(super) struct Operations;

/// Mounts the resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/notice-channels").get(list).post(create))
        .service(
            web::resource("/notice-channels/{id}")
                .get(read)
                .patch(change)
                .delete(remove),
        )
        .service(web::resource("/notice-channels/{id}/test").post(test))
        .service(web::resource("/notice-channels/{id}/compare").post(compare));
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Wanted {
    cursor: Option<String>,
    limit: Option<String>,
    #[param(pattern = "^-?(created_at|name)$")]
    sort: Option<String>,
    /// Only those of this kind.
    #[param(value_type = Option<ChannelKind>, inline)]
    kind: Option<String>,
}

/// Lists notice channels.
#[utoipa::path(get, path = "/notice-channels", operation_id = "list_notice_channels", params(Wanted), responses(
    (status = 200, description = "A page of channels.", body = SortedListing<ChannelView>),
))]
async fn list(caller: Caller<Reads, Wanted>, notices: web::Data<Notices>) -> Reply {
    let wanted = &caller.query;
    let mut reading = query::Reading::default();
    let page = reading.sorted(&SORTS, [&wanted.cursor, &wanted.limit, &wanted.sort]);
    let kinds = ChannelKind::ALL.map(ChannelKind::word);
    let kind = reading.word("kind", wanted.kind.as_deref(), &kinds);
    reading.done()?;
    let filter = ChannelFilter {
        kind: kind.as_deref().and_then(ChannelKind::of),
    };
    Ok(reply::ok(&notices.channels(&filter, &page).await?))
}

/// Creates a notice channel. A webhook without a key gets one, which is shown this once.
#[utoipa::path(post, path = "/notice-channels", operation_id = "create_notice_channel", request_body = NewChannel, responses(
    (status = 201, description = "The channel.", body = CreatedChannel),
    Conflict,
))]
async fn create(caller: Caller<Configures>, notices: web::Data<Notices>, input: JsonObject<NewChannel>) -> Reply {
    let created = notices.create_channel(caller.actor(), input.0).await?;
    Ok(reply::tagged_created(
        format!("/api/v1/notice-channels/{}", created.about.id),
        &created,
    ))
}

/// Reads a notice channel.
#[utoipa::path(get, path = "/notice-channels/{id}", operation_id = "read_notice_channel", params(ById, Known), responses(
    (status = 200, description = "The channel.", body = ChannelView),
))]
async fn read(caller: Matched<Reads>, notices: web::Data<Notices>, id: web::Path<Uuid>) -> Reply {
    caller.shown(&notices.channel(id.into_inner()).await?)
}

/// Changes a notice channel: a JSON merge patch (RFC 7396).
#[utoipa::path(patch, path = "/notice-channels/{id}", operation_id = "change_notice_channel", params(ById, InState), request_body = ChannelChange, responses(
    (status = 200, description = "The channel as it is now.", body = ChannelView),
    Conflict,
))]
async fn change(
    caller: Matched<Configures>,
    notices: web::Data<Notices>,
    id: web::Path<Uuid>,
    input: JsonObject<ChannelChange>,
) -> Reply {
    let changed = notices.change_channel(caller.actor(), id.into_inner(), input.0, &caller.if_match);
    Ok(reply::tagged(&changed.await?))
}

/// Deletes a notice channel, and the subscriptions by it.
#[utoipa::path(delete, path = "/notice-channels/{id}", operation_id = "delete_notice_channel", params(ById, InState), responses(
    (status = 204, description = "The channel is gone."),
))]
async fn remove(caller: Matched<Configures>, notices: web::Data<Notices>, id: web::Path<Uuid>, _: NoBody) -> Reply {
    notices
        .delete_channel(caller.actor(), id.into_inner(), &caller.if_match)
        .await?;
    Ok(reply::done())
}

/// Sends a test message by a notice channel, also by one that is switched off, and waits for the answer.
///
/// It is tried once. What came of it is told by the delivery: `state`, and `problem` where it failed.
#[utoipa::path(post, path = "/notice-channels/{id}/test", operation_id = "test_notice_channel", params(ById), request_body = ChannelTest, responses(
    (status = 200, description = "The test message, with its delivery.", body = NoticeView),
))]
async fn test(
    caller: Caller<Configures>,
    notices: web::Data<Notices>,
    id: web::Path<Uuid>,
    input: JsonObject<ChannelTest>,
) -> Reply {
    let tested = notices.test_channel(caller.actor(), id.into_inner(), &input.0).await?;
    Ok(reply::ok(&tested))
}

/// Says whether an address and a secret are those of a notice channel. Neither is ever shown.
///
/// For whoever keeps a set-up elsewhere and wants to know whether it is what is stored (`menjin apply`).
#[utoipa::path(post, path = "/notice-channels/{id}/compare", operation_id = "compare_notice_channel", params(ById), request_body = Comparison, responses(
    (status = 200, description = "Which are the same.", body = Compared),
))]
async fn compare(
    _: Caller<Configures>,
    notices: web::Data<Notices>,
    id: web::Path<Uuid>,
    input: JsonObject<Comparison>,
) -> Reply {
    Ok(reply::ok(&notices.compare_channel(id.into_inner(), &input.0).await?))
}
