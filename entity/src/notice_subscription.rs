//! Table `notice_subscription`. Who is told of what, by which channel, and when.

use sea_orm::entity::prelude::*;

use crate::json::Strings;

/// Who is told of what, by which channel, and when.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "notice_subscription")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// By which channel.
    pub channel_id: Uuid,
    /// About which data source; null: all, and what is about none.
    pub data_source_id: Option<Uuid>,
    /// E-mail address or member ID; null where the channel needs none.
    pub address: Option<String>,
    /// Words of the topics.
    pub topics: Strings,
    /// `en` or `zh-CN`.
    pub language: String,
    /// First quiet minute of the day, by `utc_offset`.
    pub quiet_from: Option<i32>,
    /// First minute of the day that is not quiet any more.
    pub quiet_to: Option<i32>,
    /// Minutes by which the subscriber's clock is ahead of UTC.
    pub utc_offset: i32,
    /// `none`, `hourly` or `daily`.
    pub digest: String,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub updated_at: i64,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
