//! A press of a button, as it is recorded. Pure.

use std::time::Duration;

use uuid::Uuid;

use crate::{kernel::clock::Timestamp, wecom::card::card_of};

/// How long a press is kept. What cards ask is settled, or has expired, long before.
pub const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);

/// A press of a button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Press {
    /// Row id.
    pub id: Uuid,
    /// At whose callback it was received. An app has one callback, whichever data source sent the card over it.
    pub data_source: Uuid,
    /// Corp ID, which the envelope was checked against.
    pub corp_id: String,
    /// AgentId of the app at whose callback it arrived.
    pub agent_id: i64,
    /// Who pressed, as WeCom says; to be compared without letter case.
    pub userid: String,
    /// The card as WeCom names it: each delivery has its own.
    pub task_id: String,
    /// The button.
    pub key: String,
    /// When it was pressed last.
    pub received_at: Timestamp,
    /// What became of it when it was acted on before; `None`: it was not.
    pub outcome: Option<String>,
}

impl Press {
    /// The card that the notice named, whichever delivery of it.
    pub fn card(&self) -> &str {
        card_of(&self.task_id)
    }
}
