//! Table `wecom_app_notice`. What WeCom announced about an app: that it is or will be switched off because it is not used.

use sea_orm::entity::prelude::*;

/// What WeCom announced about an app; one per app and kind. It stands while it was told later than it was cleared.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "wecom_app_notice")]
pub struct Model {
    /// Which app.
    #[sea_orm(primary_key, auto_increment = false)]
    pub app_id: Uuid,
    /// WeCom's name of the event.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: String,
    /// When WeCom said so last, by its clock, milliseconds; null: only the opposite was told.
    pub told_at: Option<i64>,
    /// From when on it takes effect, milliseconds.
    pub effective_at: Option<i64>,
    /// When WeCom last said that it is over, by its clock, milliseconds.
    pub cleared_at: Option<i64>,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
