//! An auth source as the API shows it: everything but its secret, plus what is wrong with it right now.

use serde::Serialize;
use uuid::Uuid;

use super::Door;
use crate::directory::{landscape::Landscape, problem::Problem};

/// An auth source.
#[derive(Debug, Serialize)]
pub struct DoorView {
    /// Row id.
    pub id: Uuid,
    /// Shown on the login page.
    pub name: String,
    /// Corp ID as entered.
    pub corp_id: String,
    /// AgentId.
    pub agent_id: Option<i64>,
    /// The app as WeCom names it; empty until first read.
    pub app_name: Option<String>,
    /// Whether a secret is stored; the secret itself is never shown.
    pub app_secret_set: bool,
    /// The data source it was meant for; null: the one with the same corp ID.
    pub data_source_id: Option<Uuid>,
    /// The data source it leads to now.
    pub data_source: Option<SourceSummary>,
    /// Switched on.
    pub enabled: bool,
    /// 企业微信授权登录回调域: to be copied into WeCom.
    pub callback_domain: String,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub updated_at: i64,
}

/// A data source in a few words.
#[derive(Debug, Serialize)]
pub struct SourceSummary {
    /// Row id.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// Corp ID.
    pub corp_id: String,
}

impl DoorView {
    /// The view of `door` in its landscape.
    pub fn new(land: &Landscape, door: &Door, callback_domain: &str) -> Self {
        let app = land.app(door.app_id);
        let source = land.source_of(door).map(|source| SourceSummary {
            id: source.id,
            name: source.settings.name.clone(),
            corp_id: source.settings.corp_id.clone(),
        });
        Self {
            id: door.id,
            name: door.name.clone(),
            corp_id: door.corp_id.clone(),
            agent_id: app.map(|app| app.agent_id),
            app_name: app.map(|app| app.name.clone()),
            app_secret_set: app.is_some(),
            data_source_id: door.data_source_id,
            data_source: source,
            enabled: door.enabled,
            callback_domain: callback_domain.to_owned(),
            problems: land.door_problems(door),
            created_at: door.created_at,
            updated_at: door.updated_at,
        }
    }
}
