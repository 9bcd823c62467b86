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
    /// The app secret, sealed for `wecom_app.secret`.
    pub secret_sealed: String,
    /// WeCom says the app is disabled (`close` = 1).
    pub closed: bool,
    /// The trusted domain of in-app OAuth, as WeCom told it last.
    pub redirect_domain: Option<String>,
    /// When the visible scope was read last, milliseconds; null: never.
    pub scope_fetched_at: Option<i64>,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub updated_at: i64,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
