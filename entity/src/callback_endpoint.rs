//! Table `callback_endpoint`. A URL WeCom pushes events of one data source to.

use sea_orm::entity::prelude::*;

/// A URL WeCom pushes events of one data source to; one per data source and owner.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "callback_endpoint")]
pub struct Model {
    /// Ours; the last part of the URL.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose contacts it tells about.
    pub data_source_id: Uuid,
    /// Where in the WeCom console it is entered: `contacts` or `app`.
    pub owner: String,
    /// WeCom AgentId, for `app`.
    pub agent_id: Option<i64>,
    /// Sealed for `callback_endpoint.token`.
    pub token_sealed: String,
    /// The EncodingAESKey, sealed for `callback_endpoint.aes_key`.
    pub aes_key_sealed: String,
    /// When WeCom verified the URL last, milliseconds; null: not since token and key were made.
    pub verified_at: Option<i64>,
    /// When an authentic event arrived last, milliseconds.
    pub last_event_at: Option<i64>,
    /// How many events asked for an action so far.
    pub told: i64,
    /// When the data source is to be synced because an event's own action did not end, milliseconds; null: nothing is outstanding.
    pub retry_at: Option<i64>,
    /// Milliseconds.
    pub created_at: i64,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
