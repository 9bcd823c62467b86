//! Table `suite_installation`. A corp that installed a service-provider app.

use sea_orm::entity::prelude::*;

/// A corp that installed a service-provider app. Of each suite and corp there is one row.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "suite_installation")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Row id of the suite.
    pub suite: Uuid,
    /// Corp ID as WeCom tells it to this provider.
    pub corp_id: String,
    /// As WeCom named the corp; may be empty.
    pub corp_name: String,
    /// As WeCom names the app; empty until first read.
    pub app_name: String,
    /// AgentId of the app in the corp; null: not read yet.
    pub agent_id: Option<i64>,
    /// `unbound`, `bound`, `expired` or `cancelled`.
    pub status: String,
    /// `browser` or `phone`: how it was installed last.
    pub way: String,
    /// Permanent code, sealed for `suite_installation.permanent_code`; null: the installation is over.
    pub permanent_code_sealed: Option<String>,
    /// A permanent code that came late, sealed likewise: it takes the other's place once WeCom answers by it.
    pub candidate_sealed: Option<String>,
    /// SHA-256 of the auth code that one was got by, base64url.
    pub candidate_digest: Option<String>,
    /// When, how and by whom it was installed by that code, as `directory::installation` reads it; null: nothing came late.
    pub candidate_told: Option<Json>,
    /// SHA-256 of the auth code it was got by, base64url.
    pub auth_code_digest: Option<String>,
    /// Row id of the invitation it came from; of an installation in the browser that is proven, of one on a phone a hint.
    pub invitation: Option<Uuid>,
    /// userid of who installed it, where WeCom told it.
    pub installed_by: Option<String>,
    /// When, by WeCom's clock where it told that, milliseconds.
    pub installed_at: i64,
    /// Until when it waits to be bound, milliseconds.
    pub expires_at: Option<i64>,
    /// Installed by a member for themselves, not by the corp's admin.
    pub by_member: bool,
    /// userids picked.
    pub scope_users: i64,
    /// Departments picked.
    pub scope_departments: i64,
    /// Tags picked.
    pub scope_tags: i64,
    /// SHA-256 of the three lists, base64url.
    pub scope_digest: Option<String>,
    /// When WeCom told last what was authorised, milliseconds.
    pub read_at: Option<i64>,
    /// What it was bound to.
    pub data_source_id: Option<Uuid>,
    /// Who bound it, as in the audit log.
    pub bound_by: Option<String>,
    /// When, milliseconds.
    pub bound_at: Option<i64>,
    /// Since when WeCom says that nothing is authorised, without having told that the app was deleted, milliseconds.
    pub missing_since: Option<i64>,
    /// When the corp deleted the app, milliseconds.
    pub cancelled_at: Option<i64>,
    /// Whether what WeCom told of the corp is still to be removed.
    pub removal_due: bool,
    /// When it was, milliseconds.
    pub removed_at: Option<i64>,
    /// When there is something to do about it, milliseconds; null: nothing.
    pub next_at: Option<i64>,
    /// How often that failed in a row.
    pub attempts: i32,
    /// Reference number of why it failed the last time.
    pub problem: Option<String>,
    /// What was seen.
    pub problem_detail: Option<String>,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub updated_at: i64,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
