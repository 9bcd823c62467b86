//! Handlers of a data source's callbacks (URLs WeCom pushes events to): created here, copied into the WeCom console, listed here until
//! WeCom has verified them.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{
    authorization::{Caller, Configures, Reads},
    reply,
};
use crate::{
    admin::service::Admin,
    directory::wecom_events::{CallbackView, Callbacks, Issued, Owner},
    kernel::failure::Result,
    web::{
        failure::WebFailure,
        input::{JsonObject, NoBody},
    },
};

/// The fields that a creation and a renewal change, in the audit log.
const SECRETS: &[&str] = &["token", "aes_key"];

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

/// Input: where in the WeCom console the callback is entered.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewCallback {
    /// `contacts` (the contacts-sync helper) or `app` (the integration app).
    owner: String,
}

async fn list(_: Caller<Reads>, callbacks: web::Data<Callbacks>, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let endpoints = callbacks.find(id.into_inner()).await?;
    let items: Vec<CallbackView> = endpoints.iter().map(CallbackView::from).collect();
    // A data source has two at most, so there are no pages.
    Ok(reply::ok(&json!({ "items": items, "next_cursor": null })))
}

async fn read(
    _: Caller<Reads>,
    callbacks: web::Data<Callbacks>,
    path: web::Path<(Uuid, Uuid)>,
) -> Result<HttpResponse> {
    let (source, id) = path.into_inner();
    Ok(reply::ok(&CallbackView::from(&callbacks.find_one(source, id).await?)))
}

/// Removes a callback: its URL is unknown from then on.
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
    admin
        .note(caller.actor(), format!("callback:{id}"), "renewed", SECRETS)
        .await?;
    Ok(reply::ok(&shown_once(&issued, owner)))
}

/// Creates a callback. Token and EncodingAESKey are shown this once; creating it again replaces both.
async fn create(
    caller: Caller<Configures>,
    admin: web::Data<Admin>,
    callbacks: web::Data<Callbacks>,
    id: web::Path<Uuid>,
    input: JsonObject<NewCallback>,
) -> Result<HttpResponse> {
    let owner = Owner::of_word(&input.0.owner).ok_or_else(|| {
        WebFailure::Malformed
            .failure()
            .field("owner", "must be contacts or app")
    })?;
    let issued = callbacks.create(*id, owner).await?;
    admin
        .note(caller.actor(), format!("callback:{}", issued.id), "created", SECRETS)
        .await?;
    let place = format!("/api/v1/data-sources/{id}/callbacks/{}", issued.id);
    Ok(reply::created(place, &shown_once(&issued, owner)))
}

/// What to enter in WeCom's console.
fn shown_once(issued: &Issued, owner: Owner) -> serde_json::Value {
    json!({
        "id": issued.id,
        "owner": owner.word(),
        "url": issued.url,
        "token": issued.token.expose(),
        "encoding_aes_key": issued.aes_key.expose(),
    })
}
