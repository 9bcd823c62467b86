//! Handlers of a data source's callbacks (URLs WeCom pushes events to): created here, copied into the WeCom console, listed here until
//! WeCom has verified them.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

use super::{
    authorization::{Caller, Configures, Reads},
    reply,
};
use crate::admin::openapi::params::ById;
use crate::{
    admin::service::Admin,
    directory::wecom_events::{Callbacks, Endpoint, Owner},
    kernel::{clock::Timestamp, failure::Result},
    web::{failure::WebFailure, input::JsonObject},
};

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Callbacks", description = "URLs that WeCom pushes events of a data source to.")),
    paths(list, create)
)]
pub(super) struct Operations;

/// Mounts the resource. Needs `web::Data<Callbacks>`.
pub fn routes(config: &mut ServiceConfig) {
    config.service(web::resource("/data-sources/{id}/callbacks").get(list).post(create));
}

/// A new callback.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewCallback {
    /// Where in the WeCom console it is entered.
    #[schema(value_type = Owner)]
    owner: String,
}

/// The callbacks of a data source.
#[derive(Serialize, ToSchema)]
struct CallbackList {
    /// One for each place where it is entered, at most.
    items: Vec<CallbackView>,
}

/// A callback, without its token and key.
#[derive(Serialize, ToSchema)]
struct CallbackView {
    /// Row id; the last part of the URL.
    id: Uuid,
    /// Where in the WeCom console it is entered.
    #[schema(value_type = Owner)]
    owner: &'static str,
    /// The URL that WeCom calls.
    url: String,
    /// When WeCom verified it last, milliseconds since 1970; null: not since token and key were made.
    verified_at: Option<Timestamp>,
    /// When an authentic event arrived last, milliseconds since 1970; null: never.
    last_event_at: Option<Timestamp>,
    /// Why requests were refused, the last reason first.
    refused: Vec<RefusedView>,
}

/// A reason for which requests to a callback were refused.
#[derive(Serialize, ToSchema)]
#[schema(as = CallbackRefusal)]
struct RefusedView {
    /// Stable reference number, explained in `docs/errors.md`.
    number: &'static str,
    /// What was wrong, in a sentence in English.
    title: &'static str,
    /// What to do about it.
    remedy: &'static str,
    /// When that was seen first, milliseconds since 1970.
    first_at: Timestamp,
    /// When that was seen last, milliseconds since 1970.
    last_at: Timestamp,
}

/// A callback just created: what to paste into the WeCom console.
#[derive(Serialize, ToSchema)]
struct IssuedCallback<'a> {
    /// Row id; the last part of the URL.
    id: Uuid,
    /// Where in the WeCom console it is entered.
    #[schema(value_type = Owner)]
    owner: &'static str,
    /// The URL that WeCom calls.
    url: &'a str,
    /// Token, shown this once.
    token: &'a str,
    /// EncodingAESKey, shown this once.
    encoding_aes_key: &'a str,
}

/// Lists the callbacks of a data source, and why requests to them were refused.
#[utoipa::path(get, path = "/data-sources/{id}/callbacks", operation_id = "list_callbacks", params(ById), responses(
    (status = 200, description = "The callbacks.", body = CallbackList),
))]
async fn list(_: Caller<Reads>, callbacks: web::Data<Callbacks>, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let endpoints = callbacks.find(id.into_inner()).await?;
    let items: Vec<_> = endpoints.iter().map(shown).collect();
    Ok(reply::ok(&CallbackList { items }))
}

/// Creates a callback, to be copied into the WeCom console.
///
/// Token and EncodingAESKey are shown this once; creating it again replaces both.
#[utoipa::path(post, path = "/data-sources/{id}/callbacks", operation_id = "create_callback", params(ById), request_body = NewCallback, responses(
    (status = 201, description = "The callback.", body = IssuedCallback),
))]
async fn create(
    caller: Caller<Configures>,
    admin: web::Data<Admin>,
    callbacks: web::Data<Callbacks>,
    id: web::Path<Uuid>,
    input: JsonObject<NewCallback>,
) -> Result<HttpResponse> {
    let owner = Owner::of_word(&input.0.owner)
        .ok_or_else(|| WebFailure::Malformed.failure().detail("owner: must be contacts or app"))?;
    let issued = callbacks.create(*id, owner).await?;
    admin
        .note(
            caller.actor(),
            format!("callback:{}", issued.id),
            "created",
            &["token", "aes_key"],
        )
        .await?;
    let body = IssuedCallback {
        id: issued.id,
        owner: owner.word(),
        url: &issued.url,
        token: issued.token.expose(),
        encoding_aes_key: issued.aes_key.expose(),
    };
    Ok(reply::created(format!("/api/v1/data-sources/{id}/callbacks"), &body))
}

fn shown(endpoint: &Endpoint) -> CallbackView {
    let refused = endpoint.refused.iter().map(|refused| RefusedView {
        number: refused.entry.number,
        title: refused.entry.en,
        remedy: refused.entry.remedy,
        first_at: refused.first_at,
        last_at: refused.last_at,
    });
    CallbackView {
        id: endpoint.id,
        owner: endpoint.owner.word(),
        url: endpoint.url.clone(),
        verified_at: endpoint.verified_at,
        last_event_at: endpoint.last_event_at,
        refused: refused.collect(),
    }
}
