//! Deliveries of logout tokens: rows of the outbox as values. Pure.

use super::failure::LogoutFailure;
use crate::kernel::{clock::Timestamp, failure::Result};
use serde::Serialize;
use uuid::Uuid;

/// What became of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// To be sent.
    Pending,
    /// The portal confirmed it.
    Delivered,
    /// The portal refused it several times.
    Failed,
    /// Nobody answered for a day, or there is nobody to tell any more.
    Abandoned,
}

impl State {
    /// The word in the database and the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Abandoned => "abandoned",
        }
    }

    /// From the word in a filter.
    ///
    /// # Errors
    /// `OP-342`.
    pub fn of(word: &str) -> Result<Self> {
        let all = [Self::Pending, Self::Delivered, Self::Failed, Self::Abandoned];
        let found = all.into_iter().find(|state| state.word() == word);
        found.ok_or_else(|| LogoutFailure::StateUnknown.into())
    }
}

/// Of which portals it is asked whether something is due.
#[derive(Clone, Debug)]
pub enum Due {
    /// Of all but these; row ids.
    Besides(Vec<Uuid>),
    /// Only of these.
    Among(Vec<Uuid>),
}

/// A row about to be sent.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Row id.
    pub id: Uuid,
    /// Which session ended.
    pub session: Uuid,
    /// Whose.
    pub user: Uuid,
    /// Which portal is told; its row id.
    pub client: Uuid,
    /// How often it was sent.
    pub attempts: i32,
    /// As read; part of the lease's condition.
    pub next_at: Timestamp,
    /// Given up then.
    pub deadline: Timestamp,
}

/// How a try went.
#[derive(Clone, Debug)]
pub struct DeliveryAttempt {
    /// State from now on.
    pub state: State,
    /// HTTP status, if there was an answer.
    pub status: Option<i32>,
    /// What was wrong.
    pub error: Option<String>,
    /// When to try again.
    pub next_at: Timestamp,
}

/// A delivery as the API shows it. Moments are milliseconds.
#[derive(Clone, Debug, Serialize)]
pub struct DeliveryView {
    /// Row id.
    pub id: Uuid,
    /// Which session ended; the protocol's `sid` for portals that know people by their own ids.
    pub session_id: Uuid,
    /// Whose.
    pub user_id: Uuid,
    /// Row id of the portal.
    pub client: Uuid,
    /// Its `client_id`; null when it was removed.
    pub client_id: Option<String>,
    /// Why the session ended.
    pub reason: String,
    /// `pending`, `delivered`, `failed` or `abandoned`.
    pub state: String,
    /// How often it was sent.
    pub attempts: i32,
    /// When it is sent next; null when it is settled.
    pub next_at: Option<i64>,
    /// HTTP status of the last answer.
    pub last_status: Option<i32>,
    /// What was wrong with the last try.
    pub last_error: Option<String>,
    /// When the session ended.
    pub created_at: i64,
    /// When the portal confirmed it.
    pub delivered_at: Option<i64>,
}

/// Which deliveries are wanted.
#[derive(Clone, Debug, Default)]
pub struct DeliveryFilter {
    /// Of this portal; row id.
    pub client: Option<Uuid>,
    /// Of this session.
    pub session: Option<Uuid>,
    /// Of this user.
    pub user: Option<Uuid>,
    /// In this state.
    pub state: Option<State>,
}
