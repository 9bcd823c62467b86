//! An attempt to deliver: what is about to be sent, and what follows from what the channel said. Pure.

use std::time::Duration;

use uuid::Uuid;

use super::delivery::{ChannelKind, Outcome, SentCard, State};
use crate::{kernel::clock::Timestamp, web::texts::Lang};

/// Backoff after the first failure; doubled after each further one.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// Lease of a replica on a row; after it the replica counts as dead. Longer than sending may last.
pub const LEASE: Duration = Duration::from_secs(120);
/// Longest backoff.
const LONGEST_PAUSE: Duration = Duration::from_secs(60 * 60);

/// A row about to be sent.
#[derive(Clone, Debug)]
pub struct Due {
    /// Row id.
    pub id: Uuid,
    /// What is told.
    pub notice: Uuid,
    /// By which channel; `None`: by the WeCom app of the data source.
    pub channel: Option<Uuid>,
    /// Whose WeCom app sends.
    pub data_source: Option<Uuid>,
    /// By what.
    pub kind: ChannelKind,
    /// E-mail address or member ID.
    pub address: Option<String>,
    /// Its language.
    pub lang: Lang,
    /// Whether it carries others.
    pub digest: bool,
    /// How often it was sent.
    pub attempts: i32,
    /// When it was due, as read; part of the condition of the lease.
    pub next_at: Timestamp,
    /// When it is given up.
    pub deadline: Timestamp,
    /// By which subscription it came to be.
    pub subscription: Option<Uuid>,
    /// When it was accepted before it was sent again.
    pub accepted_at: Option<Timestamp>,
}

impl Due {
    /// By what the other side tells messages apart: the same at each attempt, another one where something that was accepted is sent again on purpose.
    pub fn mark(&self) -> String {
        match self.accepted_at {
            Some(at) => format!("{}-{:x}", self.id, at.millis()),
            None => self.id.to_string(),
        }
    }
}

/// What is sent one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lane {
    /// A channel.
    pub channel: Option<Uuid>,
    /// Without a channel: whose WeCom app.
    pub data_source: Option<Uuid>,
}

impl Lane {
    /// By what the lane is known.
    pub fn key(self) -> Uuid {
        self.channel.or(self.data_source).unwrap_or(Uuid::nil())
    }
}

/// What is written of an attempt.
#[derive(Clone, Debug)]
pub struct Tried {
    /// State from now on.
    pub state: State,
    /// Status of the answer, if there was one.
    pub status: Option<i32>,
    /// What was wrong.
    pub error: Option<String>,
    /// When to try again.
    pub next_at: Timestamp,
    /// What the other side calls the message.
    pub provider_id: Option<String>,
    /// The card with buttons that was sent.
    pub card: Option<SentCard>,
}

impl Tried {
    /// What follows from what the channel said.
    pub fn of(outcome: Outcome, due: &Due, now: Timestamp) -> Self {
        let blank = Self {
            state: State::Pending,
            status: None,
            error: None,
            next_at: now,
            provider_id: None,
            card: None,
        };
        match outcome {
            Outcome::Accepted {
                status,
                provider_id,
                card,
            } => Self {
                state: State::Delivered,
                status,
                provider_id,
                card,
                ..blank
            },
            Outcome::Refused { status, error } => Self {
                state: State::Failed,
                status,
                error: Some(error),
                ..blank
            },
            Outcome::Later { status, error, after } | Outcome::Blocked { status, error, after } => {
                let pause = pause(due.attempts.saturating_add(1)).max(after.unwrap_or_default());
                let next_at = now.plus(pause);
                Self {
                    state: match next_at > due.deadline {
                        true => State::Abandoned,
                        false => State::Pending,
                    },
                    status,
                    error: Some(error),
                    next_at,
                    ..blank
                }
            }
        }
    }

    /// Given up for this reason.
    pub const fn abandoned(error: String, now: Timestamp) -> Self {
        Self {
            state: State::Abandoned,
            status: None,
            error: Some(error),
            next_at: now,
            provider_id: None,
            card: None,
        }
    }
}

fn pause(attempts: i32) -> Duration {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(16);
    FIRST_PAUSE.saturating_mul(1 << doublings).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_000_000);

    fn due(attempts: i32) -> Due {
        Due {
            id: Uuid::nil(),
            notice: Uuid::nil(),
            channel: None,
            data_source: None,
            kind: ChannelKind::Email,
            address: None,
            lang: Lang::En,
            digest: false,
            attempts,
            next_at: NOW,
            deadline: NOW.plus(Duration::from_secs(24 * 3600)),
            subscription: None,
            accepted_at: None,
        }
    }

    fn later(after: Option<Duration>) -> Outcome {
        Outcome::Later {
            status: Some(450),
            error: "busy".to_owned(),
            after,
        }
    }

    #[test]
    fn what_may_go_well_later_is_tried_again_with_doubling_pauses_until_the_deadline() {
        let wait = |attempts| Tried::of(later(None), &due(attempts), NOW).next_at.since(NOW).as_secs();
        assert_eq!([0, 1, 2, 9, 10, 500].map(wait), [5, 10, 20, 2560, 3600, 3600]);
        let hinted = Tried::of(later(Some(Duration::from_secs(90))), &due(0), NOW);
        assert_eq!(
            (hinted.next_at.since(NOW).as_secs(), hinted.state),
            (90, State::Pending)
        );
        let mut last = due(30);
        last.deadline = NOW.plus(Duration::from_secs(60));
        assert_eq!(Tried::of(later(None), &last, NOW).state, State::Abandoned);
    }

    #[test]
    fn what_is_refused_for_good_is_not_tried_again() {
        let refused = Outcome::Refused {
            status: Some(550),
            error: "no such user".to_owned(),
        };
        let tried = Tried::of(refused, &due(0), NOW);
        assert_eq!((tried.state, tried.status), (State::Failed, Some(550)));
    }
}
