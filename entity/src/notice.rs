//! Table `notice`. What Menjin tells people; to whom, `notice_delivery` says.

use sea_orm::entity::prelude::*;

/// Something Menjin tells people.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "notice")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// `access_requested`, `alert`, …
    pub topic: String,
    /// The data source that it is about; refers to nothing by foreign key, because it outlives it.
    pub data_source_id: Option<Uuid>,
    /// What it is about: `access_request:<uuid>`.
    pub subject: String,
    /// Values for the template and the local path it links to; sealed.
    pub content: String,
    /// Task id of a card with buttons (WeCom only).
    pub card: Option<String>,
    /// Milliseconds.
    pub created_at: i64,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
