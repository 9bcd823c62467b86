//! Handler of settings: the configuration in effect. Read-only: it is changed in the configuration file or the environment, and takes effect
//! at the next start.

use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

use super::{
    authorization::{Caller, Reads},
    reply,
};
use crate::{
    config::{EffectiveSettings, Setting},
    kernel::failure::Result,
};

/// The operations, as the OpenAPI document has them.
#[derive(OpenApi)]
#[openapi(
    tags((name = "Settings", description = "The configuration in effect; it is changed in the configuration file or the environment.")),
    paths(list)
)]
pub(super) struct Operations;

/// Mounts the resource. Needs `web::Data<EffectiveSettings>`.
pub fn routes(config: &mut ServiceConfig) {
    config.service(web::resource("/settings").get(list));
}

/// All settings of this server; they are few, so there are no pages.
#[derive(Serialize, ToSchema)]
#[schema(as = Settings)]
struct SettingsView<'a> {
    /// Always true: no setting can be changed over the API.
    read_only: bool,
    /// Where they are changed.
    changed_by: &'static str,
    /// Each setting, in the order of `config/default.toml`.
    items: &'a [Setting],
    /// Always null.
    next_cursor: Option<Uuid>,
}

/// Lists the settings in effect, with where each value comes from; secrets are never shown.
#[utoipa::path(get, path = "/settings", operation_id = "list_settings", responses(
    (status = 200, description = "All settings.", body = SettingsView),
))]
async fn list(_: Caller<Reads>, settings: web::Data<EffectiveSettings>) -> Result<HttpResponse> {
    Ok(reply::ok(&SettingsView {
        read_only: true,
        changed_by: "the configuration file or the environment of the server, followed by a restart",
        items: settings.all(),
        next_cursor: None,
    }))
}
