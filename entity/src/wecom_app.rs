//! Table `wecom_app`. One app of one corp as its admin made it in WeCom: the credentials of signing in and, if it is the integration app, of syncing.

use sea_orm::entity::prelude::*;

/// One app of one corp as its admin made it in WeCom: the credentials of signing in and, if it is the integration app, of syncing.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "wecom_app")]
pub struct Model {
    /// Ours.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// WeCom corp ID.
    pub corp_id: String,
    /// WeCom AgentId.
    pub agent_id: i64,
    /// As WeCom names it; empty until first read.
    pub name: String,
    /// The suite that it was installed from; null: the corp made it itself.
    pub suite: Option<Uuid>,
    /// The app secret, or the permanent code of an installed suite, sealed for `wecom_app.secret`.
    pub secret_sealed: String,
    /// WeCom says the app is disabled (`close` = 1).
    pub closed: bool,
    /// The trusted domain of in-app OAuth, as WeCom told it last.
    pub redirect_domain: Option<String>,
    /// When the visible scope was read last, milliseconds; null: never.
    pub scope_fetched_at: Option<i64>,
    /// When WeCom described the app last, milliseconds.
    pub read_at: Option<i64>,
    /// When it is read next by itself, milliseconds; null: at once.
    pub next_read_at: Option<i64>,
    /// Reference number of why it could not be read the last time; null: it could.
    pub read_failure: Option<String>,
    /// WeCom's words about that.
    pub read_failure_detail: Option<String>,
    /// Since when it cannot be read, milliseconds.
    pub read_failing_since: Option<i64>,
    /// Since when WeCom shows another scope of this integration app than the one kept, which a sync has to apply; milliseconds.
    pub scope_waits_since: Option<i64>,
    /// How many members the scope covers; null: not known.
    pub scope_members: Option<i64>,
    /// How many of them lie outside the integration app's scope; null: not known, or it is that app.
    pub scope_outside: Option<i64>,
    /// How many lines of the scope lie outside it while nobody there is known.
    pub scope_outside_lines: Option<i64>,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub updated_at: i64,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
