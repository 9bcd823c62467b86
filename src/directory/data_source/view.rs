//! Data source as the API shows it: everything but its secrets, plus its current setup problems.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    guard::Guard,
    model::{DataSource, DoubtfulIdentity, DuplicateRule, LoginMethod, ReadBy},
};
use crate::{
    directory::{
        email::VouchedDomain,
        importing::rules::{ImportMode, MatchKey},
        probe::egress::Egress,
        setup::Setup,
        setup_problem::Problem,
        sync::run_state::RunState,
        wecom_app::model::AppView,
    },
    kernel::entity_tag::{EntityTag, Tagged},
};

/// A data source: a corp whose contacts are synced. Never with its secrets.
#[derive(Debug, Serialize, ToSchema)]
pub struct DataSourceView {
    /// Of the state that is shown; told in the header `ETag`.
    #[serde(skip)]
    pub etag: EntityTag,
    /// Row id.
    pub id: Uuid,
    /// Display name.
    pub name: String,
    /// Free text; may be empty.
    pub description: String,
    /// Corp ID (企业ID).
    #[schema(example = "ww1a2b3c4d5e6f7a8b")]
    pub corp_id: String,
    /// Row id of the service provider's app by which the company is connected; null: by an app of its own.
    pub suite_id: Option<Uuid>,
    /// Whether a contacts-sync secret is stored; the secret itself is never shown.
    pub contacts_secret_set: bool,
    /// Whether a secret of 客户联系 (customer contact) is stored; the secret itself is never shown.
    pub customer_secret_set: bool,
    /// The integration app; null: none.
    pub app: Option<AppView>,
    /// Hours between automatic syncs: 4, 12 or 24; null: by hand only.
    #[schema(example = 12)]
    pub auto_sync_hours: Option<i32>,
    /// How a sync reads the contacts.
    pub read_by: ReadBy,
    /// What happens when a member duplicates an existing user.
    pub duplicate_rule: DuplicateRule,
    /// What happens while it is in doubt who somebody is.
    pub doubtful_identity: DoubtfulIdentity,
    /// Who becomes a user.
    pub import: ImportMode,
    /// By what an existing user is found; empty: by nothing.
    pub match_by: Vec<MatchKey>,
    /// How new users are named.
    #[schema(example = "{userid}")]
    pub username_template: String,
    /// How its people sign in; empty: they are only mirrored.
    pub login_methods: Vec<LoginMethod>,
    /// A run that would take access from a larger share of the members pauses; percent.
    #[schema(minimum = 1, maximum = 100)]
    pub removal_threshold_percent: i32,
    /// What else a run may do unasked.
    pub guard: Guard,
    /// Whether it is synced, and its users may sign in.
    pub enabled: bool,
    /// Why it is off although no admin switched it off: `installation_cancelled` by the corp; null: no such reason.
    pub disabled_reason: Option<String>,
    /// Where its people's addresses come from, the first that gives one: `biz_mail`, `email`, or a template.
    pub email_sources: Vec<String>,
    /// Domains whose addresses are verified, because somebody vouches for them.
    pub vouched_email_domains: Vec<VouchedDomain>,
    /// Whether members who are not imported may ask to be.
    pub access_requests: bool,
    /// Row ids of users who may decide about that without a console role.
    pub approvers: Vec<Uuid>,
    /// The domain to be entered in WeCom as 企业微信授权登录回调域, with its port unless that is the default one.
    #[schema(example = "sso.corp.example")]
    pub callback_domain: String,
    /// From where WeCom sees our calls come: what is to be entered there as 企业可信IP.
    pub egress: Egress,
    /// The auth sources bound to it.
    pub auth_sources: Vec<AuthSourceSummary>,
    /// What is wrong with its set-up now; empty: nothing.
    pub problems: Vec<Problem>,
    /// The last run that was to be applied; null: there was none.
    pub last_sync: Option<LastSync>,
    /// When it is synced next by itself, milliseconds since 1970; null: not planned.
    pub next_sync_at: Option<i64>,
    /// When a sync succeeded last, milliseconds since 1970; null: never.
    pub last_synced_at: Option<i64>,
    /// When it was created, milliseconds since 1970.
    pub created_at: i64,
    /// When it was changed last, milliseconds since 1970.
    pub updated_at: i64,
}

/// The last run of a data source.
#[derive(Debug, Serialize, ToSchema)]
pub struct LastSync {
    /// Row id of the run.
    pub id: Uuid,
    /// How it stands.
    #[schema(value_type = RunState)]
    pub state: String,
    /// When it ended, or began while it is under way, milliseconds since 1970.
    pub at: i64,
}

/// Short form of an auth source.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuthSourceSummary {
    /// Row id.
    pub id: Uuid,
    /// Name on the login page.
    pub name: String,
    /// Corp ID.
    pub corp_id: String,
    /// Whether people can sign in by it.
    pub enabled: bool,
}

impl DataSourceView {
    /// The view with its last run.
    #[must_use]
    pub fn with_last_sync(self, last_sync: Option<LastSync>) -> Self {
        Self { last_sync, ..self }
    }

    /// Builds the view of `source`; its problems depend on the whole setup.
    pub fn new(setup: &Setup, source: &DataSource, callback_domain: &str) -> Self {
        let settings = &source.settings;
        let methods = [
            (LoginMethod::Password, settings.login_password),
            (LoginMethod::WecomQr, settings.login_wecom),
        ];
        let auth_sources = setup
            .auth_sources_of(source)
            .into_iter()
            .map(|auth_source| AuthSourceSummary {
                id: auth_source.id,
                name: auth_source.name.clone(),
                corp_id: auth_source.corp_id.clone(),
                enabled: auth_source.enabled,
            });
        Self {
            etag: setup.tag(source.id),
            id: source.id,
            name: settings.name.clone(),
            description: settings.description.clone(),
            corp_id: settings.corp_id.clone(),
            suite_id: source.suite,
            contacts_secret_set: source.contacts_secret_set,
            customer_secret_set: source.customer_secret_set,
            app: source.app_id.and_then(|id| setup.app(id)).map(AppView::from),
            auto_sync_hours: settings.auto_sync_hours,
            read_by: settings.read_by,
            duplicate_rule: settings.duplicate_rule,
            doubtful_identity: settings.doubtful_identity,
            import: settings.import.mode,
            match_by: settings.import.match_by.clone(),
            username_template: settings.import.username_template.clone(),
            login_methods: methods
                .into_iter()
                .filter(|method| method.1)
                .map(|method| method.0)
                .collect(),
            removal_threshold_percent: settings.removal_threshold_percent,
            guard: settings.guard,
            enabled: settings.enabled,
            disabled_reason: source.disabled_reason.clone(),
            email_sources: settings.email.sources.clone(),
            vouched_email_domains: settings.email.vouched_domains.clone(),
            access_requests: settings.access_requests,
            approvers: settings.approvers.clone(),
            callback_domain: callback_domain.to_owned(),
            egress: setup.egress.clone(),
            auth_sources: auth_sources.collect(),
            problems: setup.data_source_problems(source),
            last_sync: None,
            next_sync_at: source.next_sync_at,
            last_synced_at: source.last_synced_at,
            created_at: source.created_at,
            updated_at: source.updated_at,
        }
    }
}

impl Tagged for DataSourceView {
    fn entity_tag(&self) -> &EntityTag {
        &self.etag
    }
}
