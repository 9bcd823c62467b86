//! Table `pending_look`. A member whom an event of WeCom is about and who is still to be looked at.

use sea_orm::entity::prelude::*;

/// A member whom an event of WeCom is about and who is still to be looked at; one per data source, member and kind.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "pending_look")]
pub struct Model {
    /// Whose contacts the event is about.
    #[sea_orm(primary_key, auto_increment = false)]
    pub data_source_id: Uuid,
    /// The userid in lower case.
    #[sea_orm(primary_key, auto_increment = false)]
    pub userid_key: String,
    /// What was told: `member` (left), `created`, `scope` (left the app's visible scope), `renamed:` with when and to what; of one of these that is set
    /// aside `carried out:` or `weighed:`, with the run and the word before.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: String,
    /// As the event had it.
    pub userid: String,
    /// The userid afterwards, for `renamed`.
    pub new_userid: Option<String>,
    /// When it was told last, milliseconds.
    pub told_at: i64,
    /// When to look; while somebody looks, when their claim runs out. Milliseconds.
    pub next_at: i64,
    /// How often somebody has begun to look.
    pub attempts: i32,
    /// When it happened, by WeCom's clock, milliseconds; null: told to an older version.
    pub happened_at: Option<i64>,
    /// Since when a `renamed` that no look could decide is left to a sync, milliseconds; null: somebody is to look.
    pub left_at: Option<i64>,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
