//! Lanes: how much one process does at once for the events of one data source. A corp that changes much must leave time, and connections to
//! the database, to people who sign in.
//!
//! Events that ask for a sync share one decision: while it is made, or stands, others only see to it that it is made again.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::kernel::clock::Timestamp;

/// Deliveries recorded at once: they all change the one row of their endpoint, and would only wait for each other there.
const RECORDED: usize = 1;
/// Members looked at at once.
const LOOKED_AT: usize = 4;

/// The lanes of all data sources. Clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Lanes(Arc<Mutex<HashMap<Uuid, Arc<Lane>>>>);

/// The lane of one data source.
#[derive(Debug)]
pub(super) struct Lane {
    /// Whoever records a delivery.
    pub(super) recording: Semaphore,
    /// Whoever looks at a member.
    pub(super) looking: Semaphore,
    deciding: Mutex<Deciding>,
}

#[derive(Debug, Default)]
struct Deciding {
    busy: bool,
    again: bool,
    /// A decision stands until then.
    until: Option<Timestamp>,
}

impl Lanes {
    /// The lane of this data source, which exists.
    pub(super) fn of(&self, data_source: Uuid) -> Arc<Lane> {
        let mut lanes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lane = lanes.entry(data_source).or_insert_with(|| {
            Arc::new(Lane {
                recording: Semaphore::new(RECORDED),
                looking: Semaphore::new(LOOKED_AT),
                deciding: Mutex::default(),
            })
        });
        Arc::clone(lane)
    }
}

impl Lane {
    /// Begins to decide about a sync; `None`: somebody is at it, and will do so again, or what was decided stands.
    pub(super) fn decide(self: &Arc<Self>, now: Timestamp) -> Option<Decision> {
        let mut deciding = self.lock();
        if deciding.until.is_some_and(|until| now < until) {
            return None;
        }
        if deciding.busy {
            deciding.again = true;
            return None;
        }
        *deciding = Deciding {
            busy: true,
            ..Deciding::default()
        };
        Some(Decision(Arc::clone(self)))
    }

    /// No sync is to be decided about until this moment, for which the next is set.
    pub(super) fn rest(&self, until: Timestamp) {
        self.lock().until = Some(until);
    }

    fn lock(&self) -> MutexGuard<'_, Deciding> {
        self.deciding.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody decides about a sync, until this is dropped.
#[derive(Debug)]
pub(super) struct Decision(Arc<Lane>);

impl Decision {
    /// Whether it is to be decided anew, for events that came meanwhile.
    pub(super) fn is_asked_again(&self, now: Timestamp) -> bool {
        let mut deciding = self.0.lock();
        let stands = deciding.until.is_some_and(|until| now < until);
        std::mem::take(&mut deciding.again) && !stands
    }
}

impl Drop for Decision {
    fn drop(&mut self) {
        let mut deciding = self.0.lock();
        deciding.busy = false;
        deciding.again = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_decides_and_decides_again_for_all_who_came_meanwhile() {
        let (lane, now) = (Lanes::default().of(Uuid::nil()), Timestamp::from_secs(100));
        let decision = lane.decide(now).unwrap();
        assert!(!decision.is_asked_again(now));
        assert!(lane.decide(now).is_none() && lane.decide(now).is_none());
        assert!(decision.is_asked_again(now) && !decision.is_asked_again(now));
        drop(decision);
        assert!(lane.decide(now).is_some());
    }

    #[test]
    fn a_decision_stands_until_its_moment() {
        let (lane, now) = (Lanes::default().of(Uuid::nil()), Timestamp::from_secs(100));
        let decision = lane.decide(now).unwrap();
        assert!(lane.decide(now).is_none());
        lane.rest(Timestamp::from_secs(160));
        assert!(!decision.is_asked_again(now));
        drop(decision);
        assert!(lane.decide(Timestamp::from_secs(159)).is_none());
        assert!(lane.decide(Timestamp::from_secs(160)).is_some());
    }
}
