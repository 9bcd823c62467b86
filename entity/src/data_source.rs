//! Table `data_source`. One corp's contacts that we sync.

use sea_orm::entity::prelude::*;

use crate::json::Strings;

/// One corp's contacts that we sync.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "data_source")]
pub struct Model {
    /// Ours.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// For people.
    pub name: String,
    /// For people; may be empty.
    pub description: String,
    /// WeCom corp ID; of a suite's the one that the suite knows.
    pub corp_id: String,
    /// The suite by which the corp is connected; null: by an app of its own.
    pub suite: Option<Uuid>,
    /// As [`corp_key`] makes it: one data source for each corp and mode.
    #[sea_orm(unique)]
    pub corp_key: String,
    /// The contacts-sync secret, sealed for `data_source.contacts_secret`.
    pub contacts_secret_sealed: Option<String>,
    /// The secret of 客户联系, sealed for `data_source.customer_secret`.
    pub customer_secret_sealed: Option<String>,
    /// The integration app whose visible scope is synced.
    pub app_id: Option<Uuid>,
    /// 4, 12 or 24; null: manual only.
    pub auto_sync_hours: Option<i32>,
    /// `lists` or `export`: how a sync reads the contacts.
    pub read_by: String,
    /// `overwrite` or `skip`.
    pub duplicate_rule: String,
    /// `wait` or `continue`: whether people may go on while an admin decides who they are.
    pub doubtful_identity: String,
    /// `all` or `chosen`: who becomes a user.
    pub import_mode: String,
    /// `username`, `email`, `mobile`: by what a member is found to be an existing user.
    pub match_by: Strings,
    /// How new users are named, as `directory::importing` reads it.
    pub username_template: String,
    /// Its users may sign in with a password.
    pub login_password: bool,
    /// Its users may sign in with WeCom.
    pub login_wecom: bool,
    /// A run that would remove more than this share of the members pauses.
    pub removal_threshold_percent: i32,
    /// How many departures, endings and overwrites a run may bring unasked, as `directory::data_source` reads it; `{}`: the defaults.
    pub guard: Json,
    /// `biz_mail`, `email`, and at the end perhaps a template: where its people's addresses come from.
    pub email_sources: Strings,
    /// Domains an admin vouches for, as `directory::email` reads them.
    pub vouched_email_domains: Json,
    /// Whether members who are not imported may ask to be.
    pub access_requests: bool,
    /// Ids of users who may decide about that without a console role.
    pub approvers: Strings,
    /// Whether it is synced and its users may sign in.
    pub enabled: bool,
    /// `installation_cancelled`: why it is off although no admin switched it off; else null.
    pub disabled_reason: Option<String>,
    /// When the schedule runs next, milliseconds.
    pub next_sync_at: Option<i64>,
    /// When a complete run was applied last, milliseconds.
    pub last_synced_at: Option<i64>,
    /// When a run last saw everybody who was here, milliseconds: it confirmed all of them but those whose own row says otherwise.
    pub members_confirmed_at: Option<i64>,
    /// Fencing token of the run that may write.
    pub sync_fence: Option<Uuid>,
    /// The run that was taken back last: what runs by themselves waits for an admin until one was started or confirmed by hand.
    pub undone_run: Option<Uuid>,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub updated_at: i64,
}

/// What names a corp in one mode: ids of one suite never meet those of another, or of apps that the corp made itself.
pub fn corp_key(corp_id: &str, suite: Option<Uuid>) -> String {
    match suite {
        None => corp_id.to_owned(),
        Some(suite) => format!("{corp_id}/{suite}"),
    }
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
