//! Input and validation of a data source. Pure.

use super::{
    guard::{Guard, GuardChange},
    model::{DoubtfulIdentity, DuplicateRule, LoginMethod, ReadBy, Settings},
    settings_check::{acceptable, check_app, check_secret, check_settings},
};
use crate::{
    directory::{
        email::model::{EmailSettings, check_domains},
        failure::DirectoryFailure,
        importing::rules::{ImportMode, ImportRules, MatchKey},
        wecom_app::model::AppInput,
    },
    kernel::{failure::Result, merge_patch, secret::Secret, validation::ValidationErrors},
};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A new data source.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDataSource {
    /// Display name, on one line; up to 200 characters.
    #[schema(min_length = 1, max_length = 200, example = "总部")]
    pub name: String,
    /// Free text of up to 2000 characters; empty unless given.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub description: String,
    /// Corp ID (企业ID).
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = "^[A-Za-z0-9_-]+$",
        example = "ww1a2b3c4d5e6f7a8b"
    )]
    pub corp_id: String,
    /// Secret of the contacts-sync helper (通讯录同步); null: none. Tried live before it is saved, and never shown.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 512, format = Password)]
    pub contacts_secret: Option<Secret<String>>,
    /// Secret of 客户联系 (customer contact), by which it is seen whether events about customers can be read; null: none. Tried live before it
    /// is saved, and never shown.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 512, format = Password)]
    pub customer_secret: Option<Secret<String>>,
    /// The integration app, through which is synced where there is no contacts secret; null: none.
    #[serde(default)]
    pub app: Option<AppInput>,
    /// Hours between automatic syncs: 4, 12 or 24; null: by hand only.
    #[serde(default)]
    #[schema(minimum = 4, maximum = 24, example = 12)]
    pub auto_sync_hours: Option<i32>,
    /// How a sync reads the contacts; `lists` unless given.
    #[serde(default)]
    pub read_by: ReadBy,
    /// What happens when a member duplicates an existing user; `skip` unless given.
    #[serde(default)]
    pub duplicate_rule: DuplicateRule,
    /// What happens while it is in doubt who somebody is; `wait` unless given.
    #[serde(default)]
    pub doubtful_identity: DoubtfulIdentity,
    /// Who becomes a user; `all` unless given.
    #[serde(default)]
    pub import: ImportMode,
    /// By what an existing user is found, each key once; `["username"]` unless given.
    #[serde(default = "by_username")]
    #[schema(default = json!(["username"]), example = json!(["username", "email"]))]
    pub match_by: Vec<MatchKey>,
    /// How new users are named: `{userid}`, `{name}`, `{alias}`, `{email}` (what stands before the `@`) or `{mobile}`, and literal text, up
    /// to 100 characters; `{userid}` unless given.
    #[serde(default = "by_userid")]
    #[schema(default = "{userid}", max_length = 100, example = "{userid}")]
    pub username_template: String,
    /// How its people sign in; empty: they are only mirrored. `["wecom_qr"]` unless given.
    #[serde(default = "wecom_only")]
    #[schema(default = json!(["wecom_qr"]), example = json!(["wecom_qr"]))]
    pub login_methods: Vec<LoginMethod>,
    /// A run that would take access from a larger share of the members pauses until an admin confirms it; percent, 20 unless given.
    #[serde(default = "twenty")]
    #[schema(default = 20, minimum = 1, maximum = 100)]
    pub removal_threshold_percent: i32,
    /// Limits of single kinds, laid over the defaults.
    #[serde(default)]
    pub guard: GuardChange,
    /// Whether it is synced, and its users may sign in; true unless given.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub enabled: bool,
    /// Where its people's addresses come from, the first that gives one: `biz_mail` (corporate mail), `email` (the member's own), and at
    /// the end perhaps a template like `{userid}@corp.example`. `["biz_mail", "email"]` unless given.
    #[serde(default)]
    #[schema(default = json!(["biz_mail", "email"]), example = json!(["biz_mail", "email"]))]
    pub email_sources: Option<Vec<String>>,
    /// Domains whose addresses count as verified, because the admin vouches for them; none unless given.
    #[serde(default)]
    #[schema(example = json!(["corp.example"]))]
    pub vouched_email_domains: Vec<String>,
    /// Whether members who are not imported may ask to be; false unless given.
    #[serde(default)]
    #[schema(default = false)]
    pub access_requests: bool,
    /// Row ids of up to 50 users who may decide about that without a console role, each once; none unless given.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub approvers: Vec<Uuid>,
    /// Save the credentials although WeCom refuses them; `problems` then names what is wrong. False unless given.
    #[serde(default)]
    pub save_anyway: bool,
}

fn wecom_only() -> Vec<LoginMethod> {
    vec![LoginMethod::WecomQr]
}

fn by_username() -> Vec<MatchKey> {
    ImportRules::default().match_by
}

fn by_userid() -> String {
    ImportRules::default().username_template
}

const fn twenty() -> i32 {
    20
}

const fn yes() -> bool {
    true
}

/// A change of a data source (merge patch).
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DataSourceChange {
    /// Display name, on one line; up to 200 characters.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, min_length = 1, max_length = 200, example = "总部")]
    pub name: Option<String>,
    /// Free text of up to 2000 characters.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, max_length = 2000)]
    pub description: Option<String>,
    /// Corp ID (企业ID); can be changed before the first sync only.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(
        nullable = false,
        min_length = 1,
        max_length = 64,
        pattern = "^[A-Za-z0-9_-]+$",
        example = "ww1a2b3c4d5e6f7a8b"
    )]
    pub corp_id: Option<String>,
    /// Secret of the contacts-sync helper (通讯录同步); null removes it. Tried live before it is saved, and never shown.
    #[serde(default, deserialize_with = "merge_patch::nullable")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 512, format = Password)]
    pub contacts_secret: Option<Option<Secret<String>>>,
    /// Secret of 客户联系 (customer contact); null removes it. Tried live before it is saved, and never shown.
    #[serde(default, deserialize_with = "merge_patch::nullable")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 512, format = Password)]
    pub customer_secret: Option<Option<Secret<String>>>,
    /// The integration app, through which is synced where there is no contacts secret; null: none. Without `agent_id` the present app is
    /// meant.
    #[serde(default, deserialize_with = "merge_patch::nullable")]
    pub app: Option<Option<AppInput>>,
    /// Hours between automatic syncs: 4, 12 or 24; null: by hand only.
    #[serde(default, deserialize_with = "merge_patch::nullable")]
    #[schema(minimum = 4, maximum = 24, example = 12)]
    pub auto_sync_hours: Option<Option<i32>>,
    /// How a sync reads the contacts, from the next sync on.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false)]
    pub read_by: Option<ReadBy>,
    /// What happens when a member duplicates an existing user.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false)]
    pub duplicate_rule: Option<DuplicateRule>,
    /// What happens while it is in doubt who somebody is.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false)]
    pub doubtful_identity: Option<DoubtfulIdentity>,
    /// Who becomes a user.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false)]
    pub import: Option<ImportMode>,
    /// By what an existing user is found, each key once; replaces the list.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, example = json!(["username", "email"]))]
    pub match_by: Option<Vec<MatchKey>>,
    /// How new users are named: `{userid}`, `{name}`, `{alias}`, `{email}` (what stands before the `@`) or `{mobile}`, and literal text, up
    /// to 100 characters. For users made from now on.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, max_length = 100, example = "{userid}")]
    pub username_template: Option<String>,
    /// How its people sign in; empty: they are only mirrored. Replaces the list.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, example = json!(["wecom_qr"]))]
    pub login_methods: Option<Vec<LoginMethod>>,
    /// A run that would take access from a larger share of the members pauses until an admin confirms it; percent.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, minimum = 1, maximum = 100)]
    pub removal_threshold_percent: Option<i32>,
    /// Limits of single kinds; what it leaves out stays.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false)]
    pub guard: Option<GuardChange>,
    /// Whether it is synced, and its users may sign in.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false)]
    pub enabled: Option<bool>,
    /// Where its people's addresses come from, the first that gives one: `biz_mail` (corporate mail), `email` (the member's own), and at
    /// the end perhaps a template like `{userid}@corp.example`. Replaces the list; WeCom's addresses are taken in the new order from the
    /// next sync on.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, example = json!(["biz_mail", "email"]))]
    pub email_sources: Option<Vec<String>>,
    /// Domains whose addresses count as verified, because the admin vouches for them; replaces the list.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, example = json!(["corp.example"]))]
    pub vouched_email_domains: Option<Vec<String>>,
    /// Whether members who are not imported may ask to be.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false)]
    pub access_requests: Option<bool>,
    /// Row ids of up to 50 users who may decide about that without a console role, each once; replaces the list.
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    #[schema(nullable = false, max_items = 50)]
    pub approvers: Option<Vec<Uuid>>,
    /// Save the credentials although WeCom refuses them; `problems` then names what is wrong. False unless given.
    #[serde(default)]
    pub save_anyway: bool,
}

impl NewDataSource {
    /// The settings, once everything entered is acceptable.
    ///
    /// # Errors
    /// `DI-101` with all faults.
    pub fn settings(&self) -> Result<Settings> {
        let settings = Settings {
            name: self.name.clone(),
            description: self.description.clone(),
            corp_id: self.corp_id.clone(),
            auto_sync_hours: self.auto_sync_hours,
            read_by: self.read_by,
            duplicate_rule: self.duplicate_rule,
            doubtful_identity: self.doubtful_identity,
            import: ImportRules {
                mode: self.import,
                match_by: self.match_by.clone(),
                username_template: self.username_template.clone(),
            },
            login_password: self.login_methods.contains(&LoginMethod::Password),
            login_wecom: self.login_methods.contains(&LoginMethod::WecomQr),
            removal_threshold_percent: self.removal_threshold_percent,
            guard: Guard::default().changed(&self.guard),
            enabled: self.enabled,
            email: email(&EmailSettings::default(), self.email_sources.as_ref()),
            access_requests: self.access_requests,
            approvers: self.approvers.clone(),
        };
        let mut faults = ValidationErrors::default();
        check_settings(&mut faults, &settings);
        check_domains(&mut faults, &self.vouched_email_domains);
        check_secret(&mut faults, "contacts_secret", self.contacts_secret.as_ref());
        check_secret(&mut faults, "customer_secret", self.customer_secret.as_ref());
        if let Some(app) = &self.app {
            check_app(&mut faults, app);
            faults.check(app.agent_id.is_some(), "app.agent_id", "is needed");
        }
        faults.into_result(DirectoryFailure::Invalid.entry())?;
        Ok(settings)
    }
}

impl DataSourceChange {
    /// Checks what can be checked without the data source itself.
    ///
    /// # Errors
    /// `DI-101` with all faults.
    pub fn check(&self) -> Result<()> {
        let mut faults = ValidationErrors::default();
        let plain = self.merged(&acceptable());
        check_settings(&mut faults, &plain);
        check_domains(&mut faults, self.vouched_email_domains.as_deref().unwrap_or_default());
        let secrets = [
            ("contacts_secret", &self.contacts_secret),
            ("customer_secret", &self.customer_secret),
        ];
        for (name, sent) in secrets {
            check_secret(&mut faults, name, sent.as_ref().and_then(Option::as_ref));
        }
        if let Some(Some(app)) = &self.app {
            check_app(&mut faults, app);
        }
        faults.into_result(DirectoryFailure::Invalid.entry())
    }

    /// The settings after this change.
    pub fn merged(&self, before: &Settings) -> Settings {
        let has = |method, before| {
            self.login_methods
                .as_ref()
                .map_or(before, |list| list.contains(&method))
        };
        Settings {
            name: self.name.clone().unwrap_or_else(|| before.name.clone()),
            description: self.description.clone().unwrap_or_else(|| before.description.clone()),
            corp_id: self.corp_id.clone().unwrap_or_else(|| before.corp_id.clone()),
            auto_sync_hours: self.auto_sync_hours.unwrap_or(before.auto_sync_hours),
            read_by: self.read_by.unwrap_or(before.read_by),
            duplicate_rule: self.duplicate_rule.unwrap_or(before.duplicate_rule),
            doubtful_identity: self.doubtful_identity.unwrap_or(before.doubtful_identity),
            import: self.import(&before.import),
            login_password: has(LoginMethod::Password, before.login_password),
            login_wecom: has(LoginMethod::WecomQr, before.login_wecom),
            removal_threshold_percent: self
                .removal_threshold_percent
                .unwrap_or(before.removal_threshold_percent),
            guard: before.guard.changed(&self.guard.unwrap_or_default()),
            enabled: self.enabled.unwrap_or(before.enabled),
            email: email(&before.email, self.email_sources.as_ref()),
            access_requests: self.access_requests.unwrap_or(before.access_requests),
            approvers: self.approvers.as_ref().unwrap_or(&before.approvers).clone(),
        }
    }

    fn import(&self, before: &ImportRules) -> ImportRules {
        ImportRules {
            mode: self.import.unwrap_or(before.mode),
            match_by: self.match_by.as_ref().unwrap_or(&before.match_by).clone(),
            username_template: self
                .username_template
                .as_ref()
                .unwrap_or(&before.username_template)
                .clone(),
        }
    }

    /// Names of the fields that were given, for the audit event.
    pub fn fields(&self) -> Vec<&'static str> {
        let given = [
            ("name", self.name.is_some()),
            ("description", self.description.is_some()),
            ("corp_id", self.corp_id.is_some()),
            ("contacts_secret", self.contacts_secret.is_some()),
            ("customer_secret", self.customer_secret.is_some()),
            ("app", self.app.is_some()),
            ("auto_sync_hours", self.auto_sync_hours.is_some()),
            ("read_by", self.read_by.is_some()),
            ("duplicate_rule", self.duplicate_rule.is_some()),
            ("doubtful_identity", self.doubtful_identity.is_some()),
            ("import", self.import.is_some()),
            ("match_by", self.match_by.is_some()),
            ("username_template", self.username_template.is_some()),
            ("login_methods", self.login_methods.is_some()),
            ("removal_threshold_percent", self.removal_threshold_percent.is_some()),
            ("guard", self.guard.is_some()),
            ("enabled", self.enabled.is_some()),
            ("email_sources", self.email_sources.is_some()),
            ("vouched_email_domains", self.vouched_email_domains.is_some()),
            ("access_requests", self.access_requests.is_some()),
            ("approvers", self.approvers.is_some()),
        ];
        given.into_iter().filter(|field| field.1).map(|field| field.0).collect()
    }
}

/// The settings of addresses with these sources, where some are given. Who vouches for domains is written with the change.
fn email(before: &EmailSettings, sources: Option<&Vec<String>>) -> EmailSettings {
    EmailSettings {
        sources: sources.unwrap_or(&before.sources).clone(),
        vouched_domains: before.vouched_domains.clone(),
    }
}
