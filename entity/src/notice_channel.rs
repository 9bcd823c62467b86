//! Table `notice_channel`. Ways by which notices reach people.

use sea_orm::entity::prelude::*;

/// A way by which notices reach people.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "notice_channel")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// `email`, `wecom` or `webhook`.
    pub kind: String,
    /// As admins call it.
    #[sea_orm(unique)]
    pub name: String,
    /// Whose WeCom app sends; for `wecom` alone.
    pub data_source_id: Option<Uuid>,
    /// What its kind needs: server, port, sender; or the URL.
    pub settings: Json,
    /// Password of the mail server, or the webhook's key; sealed.
    pub secret: Option<String>,
    /// Whether anything is sent by it.
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
