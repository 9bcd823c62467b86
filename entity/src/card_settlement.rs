//! Table `card_settlement`. A matter that was decided, and whose cards are to say so.

use sea_orm::entity::prelude::*;

/// A matter that was decided; its cards lose their buttons and say how.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "card_settlement")]
pub struct Model {
    /// The matter: `access_request:<uuid>`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject: String,
    /// How it was decided and by whom; sealed.
    pub content: String,
    /// Milliseconds.
    pub settled_at: i64,
    /// How often its cards were gone through in vain.
    pub attempts: i32,
    /// When to go through its cards next; while somebody does, when they count as dead. Null: nothing is left to do. Milliseconds.
    pub next_at: Option<i64>,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
