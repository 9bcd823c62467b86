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
    audit::difference::Difference,
    directory::wecom_events::{Callbacks, Endpoint, Owner},
    kernel::failure::Result,
    web::{failure::WebFailure, input::JsonObject},
};

/// Mounts the resource. Needs `web::Data<Callbacks>`.
pub fn routes(config: &mut ServiceConfig) {
    config.service(web::resource("/data-sources/{id}/callbacks").get(list).post(create));
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
    let items: Vec<_> = endpoints.iter().map(shown).collect();
    Ok(reply::ok(&json!({ "items": items })))
}

/// Creates a callback. Token and EncodingAESKey are shown this once; creating it again replaces both.
async fn create(
    caller: Caller<Configures>,
    admin: web::Data<Admin>,
    callbacks: web::Data<Callbacks>,
    id: web::Path<Uuid>,
    input: JsonObject<NewCallback>,
) -> Result<HttpResponse> {
    let owner = Owner::of_word(&input.0.owner)
        .ok_or_else(|| WebFailure::Malformed.failure().detail("owner: must be contacts or app"))?;
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
    let body = json!({
        "id": issued.id,
        "owner": owner.word(),
        "url": issued.url,
        "token": issued.token.expose(),
        "encoding_aes_key": issued.aes_key.expose(),
    });
    Ok(reply::created(format!("/api/v1/data-sources/{id}/callbacks"), &body))
}

fn shown(endpoint: &Endpoint) -> serde_json::Value {
    let refused = endpoint.refused.iter().map(|refused| {
        json!({
            "number": refused.entry.number,
            "title": refused.entry.en,
            "remedy": refused.entry.remedy,
            "first_at": refused.first_at,
            "last_at": refused.last_at,
        })
    });
    json!({
        "id": endpoint.id,
        "owner": endpoint.owner.word(),
        "url": endpoint.url,
        "verified_at": endpoint.verified_at,
        "last_event_at": endpoint.last_event_at,
        "refused": refused.collect::<Vec<_>>(),
    })
}
