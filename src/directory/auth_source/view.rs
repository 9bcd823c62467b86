//! Auth source as the API shows it: everything but its secret, plus its current setup problems.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::model::AuthSource;
use crate::directory::{setup::Setup, setup_problem::Problem};

/// An auth source: an app by which the people of a corp sign in. Never with its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuthSourceView {
    /// Row id.
    pub id: Uuid,
    /// Name on the login page.
    pub name: String,
    /// Corp ID (企业ID) as entered.
    #[schema(example = "ww1a2b3c4d5e6f7a8b")]
    pub corp_id: String,
    /// AgentId of its app; null: the app is gone.
    #[schema(example = 1_000_002)]
    pub agent_id: Option<i64>,
    /// The app as WeCom names it; empty until first read; null: the app is gone.
    pub app_name: Option<String>,
    /// Whether a secret is stored; the secret itself is never shown.
    pub app_secret_set: bool,
    /// Row id of the data source it was meant for; null: the one with the same corp ID.
    pub data_source_id: Option<Uuid>,
    /// The data source it is bound to now; null: none fits.
    pub data_source: Option<DataSourceSummary>,
    /// Whether people can sign in by it.
    pub enabled: bool,
    /// The domain to be entered in WeCom as 企业微信授权登录回调域, with its port unless that is the default one.
    #[schema(example = "sso.corp.example")]
    pub callback_domain: String,
    /// What is wrong with its set-up now; empty: nothing.
    pub problems: Vec<Problem>,
    /// When it was created, milliseconds since 1970.
    pub created_at: i64,
    /// When it was changed last, milliseconds since 1970.
    pub updated_at: i64,
}

/// Short form of a data source.
#[derive(Debug, Serialize, ToSchema)]
pub struct DataSourceSummary {
    /// Row id.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// Corp ID.
    pub corp_id: String,
}

impl AuthSourceView {
    /// Builds the view of `auth_source`; its problems depend on the whole setup.
    pub fn new(setup: &Setup, auth_source: &AuthSource, callback_domain: &str) -> Self {
        let app = setup.app(auth_source.app_id);
        let source = setup.source_of(auth_source).map(|source| DataSourceSummary {
            id: source.id,
            name: source.settings.name.clone(),
            corp_id: source.settings.corp_id.clone(),
        });
        Self {
            id: auth_source.id,
            name: auth_source.name.clone(),
            corp_id: auth_source.corp_id.clone(),
            agent_id: app.map(|app| app.agent_id),
            app_name: app.map(|app| app.name.clone()),
            app_secret_set: app.is_some(),
            data_source_id: auth_source.data_source_id,
            data_source: source,
            enabled: auth_source.enabled,
            callback_domain: callback_domain.to_owned(),
            problems: setup.auth_source_problems(auth_source),
            created_at: auth_source.created_at,
            updated_at: auth_source.updated_at,
        }
    }
}
