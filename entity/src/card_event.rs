//! Table `card_event`. A member pressed a button of a card that an app sent.

use sea_orm::entity::prelude::*;

/// A member pressed a button of a card that an app sent; one row however often the same member presses the same button of the same card.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "card_event")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// At whose callback it was received.
    pub data_source_id: Uuid,
    /// Corp ID.
    pub corp_id: String,
    /// AgentId of the app that sent the card.
    pub agent_id: i64,
    /// Who pressed, as WeCom says.
    pub userid: String,
    /// The card.
    pub task_id: String,
    /// The button.
    pub event_key: String,
    /// Sealed: updates the card of this member once. Null: there was none, or it was used.
    pub response_code_sealed: Option<String>,
    /// When it was pressed last, milliseconds.
    pub received_at: i64,
    /// When it was acted on, milliseconds; null: not yet, or pressed again since.
    pub handled_at: Option<i64>,
    /// What became of it when it was acted on last; null: it never was.
    pub outcome: Option<String>,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
