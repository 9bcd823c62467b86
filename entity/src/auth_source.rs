//! Table `auth_source`. One way to sign in with WeCom.

use sea_orm::entity::prelude::*;

/// One way to sign in with WeCom.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "auth_source")]
pub struct Model {
    /// Ours.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Shown on the login page.
    pub name: String,
    /// WeCom corp ID as entered; may differ from the data source's, which the gate then refuses.
    pub corp_id: String,
    /// AgentId and secret.
    pub app_id: Uuid,
    /// The data source it was meant for; null: the one with the same corp ID.
    pub data_source_id: Option<Uuid>,
    /// Whether anybody may sign in through it.
    pub enabled: bool,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub updated_at: i64,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
