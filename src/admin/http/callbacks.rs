//! Handlers of a data source's callbacks (URLs WeCom pushes events to): created here, copied into the WeCom console, listed here until
//! WeCom has verified them.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, OpenApi, ToSchema};
use uuid::Uuid;

use super::{
    authorization::{Caller, Configures, Reads},
    reply,
};
use crate::admin::openapi::params::ById;
use crate::{
    admin::service::Admin,
    audit::difference::Difference,
    directory::wecom_events::{CallbackView, Callbacks, Issued, Owner},
    kernel::failure::Result,
    web::{
        failure::WebFailure,
        input::{JsonObject, NoBody},
    },
};

/// The fields that a creation and a renewal change, in the audit log.
const SECRETS: &[&str] = &["token", "aes_key"];

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Callbacks", description = "URLs that WeCom pushes events of a data source to.")),
    paths(list, create, read, remove, renew)
)]
pub(super) struct Operations;

/// Mounts the resource. Needs `web::Data<Callbacks>`.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/data-sources/{id}/callbacks").get(list).post(create))
        .service(
            web::resource("/data-sources/{id}/callbacks/{callback}")
                .get(read)
                .delete(remove),
        )
        .service(web::resource("/data-sources/{id}/callbacks/{callback}/renew").post(renew));
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
    /// Always null: there are three at most, so there are no pages.
    next_cursor: Option<Uuid>,
}

/// Which callback of which data source.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "it only describes")]
struct OneCallback {
    /// Row id of the data source.
    id: Uuid,
    /// Row id of the callback.
    callback: Uuid,
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
    let items: Vec<CallbackView> = endpoints.iter().map(CallbackView::from).collect();
    // A data source has three at most, so there are no pages.
    Ok(reply::ok(&CallbackList {
        items,
        next_cursor: None,
    }))
}

/// Reads a callback, with what arrived last and what was refused last.
#[utoipa::path(get, path = "/data-sources/{id}/callbacks/{callback}", operation_id = "read_callback", params(OneCallback), responses(
    (status = 200, description = "The callback.", body = CallbackView),
))]
async fn read(
    _: Caller<Reads>,
    callbacks: web::Data<Callbacks>,
    path: web::Path<(Uuid, Uuid)>,
) -> Result<HttpResponse> {
    let (source, id) = path.into_inner();
    Ok(reply::ok(&CallbackView::from(&callbacks.find_one(source, id).await?)))
}

/// Deletes a callback: its URL is unknown from then on, and WeCom's events are lost.
#[utoipa::path(delete, path = "/data-sources/{id}/callbacks/{callback}", operation_id = "delete_callback", params(OneCallback), responses(
    (status = 204, description = "The callback is gone."),
))]
async fn remove(
    caller: Caller<Configures>,
    admin: web::Data<Admin>,
    callbacks: web::Data<Callbacks>,
    path: web::Path<(Uuid, Uuid)>,
    _: NoBody,
) -> Result<HttpResponse> {
    let (source, id) = path.into_inner();
    callbacks.remove(source, id).await?;
    admin
        .note(caller.actor(), format!("callback:{id}"), "deleted", &[])
        .await?;
    Ok(reply::done())
}

/// Gives a callback a new Token and EncodingAESKey, which are shown this once.
#[utoipa::path(post, path = "/data-sources/{id}/callbacks/{callback}/renew", operation_id = "renew_callback", params(OneCallback), responses(
    (status = 200, description = "What to enter in WeCom's console.", body = IssuedCallback),
))]
async fn renew(
    caller: Caller<Configures>,
    admin: web::Data<Admin>,
    callbacks: web::Data<Callbacks>,
    path: web::Path<(Uuid, Uuid)>,
    _: NoBody,
) -> Result<HttpResponse> {
    let (source, id) = path.into_inner();
    let owner = callbacks.find_one(source, id).await?.owner;
    let issued = callbacks.renew(source, id).await?;
    let renewed = SECRETS.iter().fold(Difference::default(), |difference, field| {
        difference.secret(field, true, true)
    });
    let renewed = renewed.also("data_source_id", source.to_string());
    admin
        .note_difference(caller.actor(), format!("callback:{id}"), ("renewed", SECRETS), renewed)
        .await?;
    Ok(reply::ok(&shown_once(&issued, owner)))
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
    let owner = Owner::of_word(&input.0.owner).ok_or_else(|| {
        WebFailure::Malformed.failure().field(
            "owner",
            format!("must be one of {}", Owner::ALL.map(Owner::word).join(", ")),
        )
    })?;
    let known = callbacks
        .find(*id)
        .await?
        .iter()
        .any(|endpoint| endpoint.owner == owner);
    let issued = callbacks.create(*id, owner).await?;
    let about = json!({ "id": issued.id, "data_source_id": *id, "owner": owner.word(), "url": issued.url });
    let created = Difference::created(&about)
        .secret("token", known, true)
        .secret("aes_key", known, true);
    let subject = format!("callback:{}", issued.id);
    let fields = ["token", "aes_key"];
    admin
        .note_difference(caller.actor(), subject, ("created", &fields), created)
        .await?;
    let place = format!("/api/v1/data-sources/{id}/callbacks/{}", issued.id);
    Ok(reply::created(place, &shown_once(&issued, owner)))
}

/// What to enter in WeCom's console.
fn shown_once(issued: &Issued, owner: Owner) -> IssuedCallback<'_> {
    IssuedCallback {
        id: issued.id,
        owner: owner.word(),
        url: &issued.url,
        token: issued.token.expose(),
        encoding_aes_key: issued.aes_key.expose(),
    }
}
