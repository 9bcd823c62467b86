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

use crate::{
    directory::sync::listed_ids::ListedIds,
    kernel::{clock::Timestamp, shared_call::SharedCall},
    wecom::WeComError,
};

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
    /// Readings of the ids of the corp.
    pub(super) reading: SharedCall<Result<Arc<ListedIds>, WeComError>>,
    deciding: Mutex<Deciding>,
}

#[derive(Debug, Default)]
struct Deciding {
    busy: bool,
    again: bool,
    /// A decision stands until then.
    until: Option<Timestamp>,
    /// The next decision waits for nothing.
    hurried: bool,
}

impl Lanes {
    /// The lane of this data source, which exists.
    pub(super) fn of(&self, data_source: Uuid) -> Arc<Lane> {
        let mut lanes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lane = lanes.entry(data_source).or_insert_with(|| {
            Arc::new(Lane {
                recording: Semaphore::new(RECORDED),
                looking: Semaphore::new(LOOKED_AT),
                reading: SharedCall::at_most(1),
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
        if deciding.stands(now) {
            return None;
        }
        if deciding.busy {
            deciding.again = true;
            return None;
        }
        *deciding = Deciding {
            busy: true,
            hurried: deciding.hurried,
            ..Deciding::default()
        };
        Some(Decision {
            lane: Arc::clone(self),
            ended: false,
        })
    }

    /// No sync is to be decided about until this moment, for which the next is set.
    pub(super) fn rest(&self, until: Timestamp) {
        self.lock().until = Some(until);
    }

    /// Somebody has left who cannot be looked at: the next sync waits for no other, however lately one ended.
    pub(super) fn hurry(&self) {
        self.lock().hurried = true;
    }

    /// Whether the sync that is about to start waits for no other; the one after it does.
    pub(super) fn is_hurried(&self) -> bool {
        std::mem::take(&mut self.lock().hurried)
    }

    fn lock(&self) -> MutexGuard<'_, Deciding> {
        self.deciding.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Deciding {
    /// Whether what was decided stands.
    fn stands(&self, now: Timestamp) -> bool {
        !self.hurried && self.until.is_some_and(|until| now < until)
    }
}

/// Somebody decides about a sync, until they are not asked again or this is dropped.
#[derive(Debug)]
pub(super) struct Decision {
    lane: Arc<Lane>,
    ended: bool,
}

impl Decision {
    /// Whether it is to be decided anew, for events that came meanwhile. If not, this decision ends in the same moment: whoever comes later
    /// decides themselves, and is not left with somebody who has looked for the last time.
    pub(super) fn is_asked_again(&mut self, now: Timestamp) -> bool {
        let mut deciding = self.lane.lock();
        let stands = deciding.stands(now);
        let again = !self.ended && std::mem::take(&mut deciding.again) && !stands;
        if !again && !self.ended {
            deciding.busy = false;
            self.ended = true;
        }
        again
    }
}

impl Drop for Decision {
    fn drop(&mut self) {
        // By now it may be somebody else's turn.
        if self.ended {
            return;
        }
        let mut deciding = self.lane.lock();
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
        let mut decision = lane.decide(now).unwrap();
        assert!(lane.decide(now).is_none() && lane.decide(now).is_none());
        assert!(decision.is_asked_again(now));
        assert!(lane.decide(now).is_none());
        drop(decision);
        assert!(lane.decide(now).is_some());
    }

    #[test]
    fn whoever_comes_after_the_last_look_decides_themselves() {
        let (lane, now) = (Lanes::default().of(Uuid::nil()), Timestamp::from_secs(100));
        let mut first = lane.decide(now).unwrap();
        assert!(!first.is_asked_again(now));
        let mut second = lane.decide(now).unwrap();
        // The end of the first is not that of the second.
        assert!(!first.is_asked_again(now));
        drop(first);
        assert!(lane.decide(now).is_none());
        assert!(second.is_asked_again(now) && !second.is_asked_again(now));
    }

    #[test]
    fn whoever_is_hurried_waits_for_nothing_once() {
        let (lane, now) = (Lanes::default().of(Uuid::nil()), Timestamp::from_secs(100));
        lane.rest(Timestamp::from_secs(160));
        assert!(lane.decide(now).is_none());
        lane.hurry();
        let mut decision = lane.decide(now).unwrap();
        assert!(lane.is_hurried() && !lane.is_hurried());
        // Somebody else left meanwhile.
        lane.hurry();
        assert!(lane.decide(now).is_none() && decision.is_asked_again(now));
        assert!(lane.is_hurried());
        assert!(!decision.is_asked_again(now));
    }

    #[test]
    fn a_decision_stands_until_its_moment() {
        let (lane, now) = (Lanes::default().of(Uuid::nil()), Timestamp::from_secs(100));
        let mut decision = lane.decide(now).unwrap();
        assert!(lane.decide(now).is_none());
        lane.rest(Timestamp::from_secs(160));
        assert!(!decision.is_asked_again(now));
        drop(decision);
        assert!(lane.decide(Timestamp::from_secs(159)).is_none());
        assert!(lane.decide(Timestamp::from_secs(160)).is_some());
    }
}
