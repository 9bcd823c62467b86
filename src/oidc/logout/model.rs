//! Deliveries of logout tokens: the rows of the outbox as values. Pure.

use super::failure::LogoutFailure;
use crate::{
    directory::setup_problem::Problem,
    kernel::{clock::Timestamp, failure::Result},
    word_schema,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// The state of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// To be sent.
    Pending,
    /// The portal confirmed it.
    Delivered,
    /// The portal refused it several times.
    Failed,
    /// Not confirmed within a day, or the portal has no `backchannel_logout_uri` any more.
    Abandoned,
}

impl State {
    /// Its name in the database and the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Abandoned => "abandoned",
        }
    }

    /// Parses its name in a filter.
    ///
    /// # Errors
    /// `OP-342`.
    pub fn of(word: &str) -> Result<Self> {
        let all = [Self::Pending, Self::Delivered, Self::Failed, Self::Abandoned];
        let found = all.into_iter().find(|state| state.word() == word);
        found.ok_or_else(|| LogoutFailure::StateUnknown.into())
    }
}

word_schema!(
    State,
    "LogoutDeliveryState",
    "State of a delivery: `pending`: to be sent; `delivered`: the portal confirmed it; `failed`: the portal refused it several times; `abandoned`: not \
     confirmed within a day, or the portal takes none any more.",
    [
        State::Pending.word(),
        State::Delivered.word(),
        State::Failed.word(),
        State::Abandoned.word()
    ]
);

/// Restricts a query of due deliveries to some portals.
#[derive(Clone, Debug)]
pub enum Due {
    /// All but these; row ids.
    Besides(Vec<Uuid>),
    /// Only these; row ids.
    Among(Vec<Uuid>),
}

/// A row about to be sent.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Row id.
    pub id: Uuid,
    /// Which session ended.
    pub session: Uuid,
    /// Whose session it was.
    pub user: Uuid,
    /// Row id of the portal it is sent to.
    pub client: Uuid,
    /// How often it was sent.
    pub attempts: i32,
    /// When it was due, as read; part of the condition of the lease.
    pub next_at: Timestamp,
    /// When it is given up.
    pub deadline: Timestamp,
}

/// The result of an attempt.
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

/// A logout token on its way to a portal, or at its end.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = LogoutDelivery)]
pub struct DeliveryView {
    /// Row id.
    pub id: Uuid,
    /// Row id of the session that ended; the `sid` of portals with public subjects.
    pub session_id: Uuid,
    /// Row id of the user whose session it was.
    pub user_id: Uuid,
    /// Row id of the portal.
    pub client: Uuid,
    /// Its `client_id`; null: it was removed.
    pub client_id: Option<String>,
    /// Why the session ended.
    #[schema(example = "logout")]
    pub reason: String,
    /// How it stands.
    #[schema(value_type = State)]
    pub state: String,
    /// How often it was sent.
    pub attempts: i32,
    /// When it is sent next, milliseconds since 1970; null: it is settled.
    pub next_at: Option<i64>,
    /// HTTP status of the last answer; null: there was none.
    pub last_status: Option<i32>,
    /// What was wrong with the last attempt; null: nothing.
    pub last_error: Option<String>,
    /// What is wrong, in the one shape of everything that is wrong; absent: nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub problem: Option<Problem>,
    /// When the session ended, milliseconds since 1970.
    pub created_at: i64,
    /// When the portal confirmed it, milliseconds since 1970; null: it did not.
    pub delivered_at: Option<i64>,
}

/// Filter of a list of deliveries.
#[derive(Clone, Debug, Default)]
pub struct DeliveryFilter {
    /// Of this portal; row id.
    pub client: Option<Uuid>,
    /// Of one of these portals; row ids.
    pub among: Option<Vec<Uuid>>,
    /// Of this session.
    pub session: Option<Uuid>,
    /// Of this user.
    pub user: Option<Uuid>,
    /// In this state.
    pub state: Option<State>,
}
