//! Lanes: what one process sends at once. Each channel has its own, so that a mail server that hangs delays nobody but those who are told by it.
//! Replicas are kept apart by the lease of each row.

use std::{
    collections::HashSet,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::task::JoinSet;
use uuid::Uuid;

use crate::kernel::home_runtime::HomeRuntime;

/// Most lanes at once.
const MOST: usize = 32;

/// The lanes of this process. Clones share them.
#[derive(Clone)]
pub(super) struct Lanes {
    slots: Arc<Mutex<Slots>>,
    home: HomeRuntime,
}

#[derive(Default)]
struct Slots {
    busy: HashSet<Uuid>,
    tasks: JoinSet<()>,
}

/// Frees the lane on drop, whether its work succeeded, failed or was aborted.
struct Busy {
    lanes: Lanes,
    lane: Uuid,
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.lanes.lock().busy.remove(&self.lane);
    }
}

impl Lanes {
    /// All lanes free; what is sent is sent on the current runtime.
    pub(super) fn new() -> Self {
        Self {
            slots: Arc::default(),
            home: HomeRuntime::current(),
        }
    }

    /// The runtime on which things are sent.
    pub(super) const fn home(&self) -> &HomeRuntime {
        &self.home
    }

    fn lock(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts this work unless the lane is busy or there are too many; whatever is not started is due again at the next look.
    pub(super) fn start(&self, lane: Uuid, work: impl Future<Output = ()> + Send + 'static) {
        let mut slots = self.lock();
        while slots.tasks.try_join_next().is_some() {}
        if slots.busy.len() >= MOST || !slots.busy.insert(lane) {
            return;
        }
        let busy = Busy {
            lanes: self.clone(),
            lane,
        };
        let guarded = async move {
            let _busy = busy;
            work.await;
        };
        slots.tasks.spawn_on(guarded, self.home.handle());
    }

    /// Waits until nothing is being sent.
    pub(super) async fn idle(&self) {
        loop {
            let mut tasks = mem::take(&mut self.lock().tasks);
            if tasks.is_empty() {
                return;
            }
            while tasks.join_next().await.is_some() {}
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn a_lane_that_hangs_holds_up_no_other_and_does_its_work_once() {
        let lanes = Lanes::new();
        let (stuck, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let (let_go, hangs) = oneshot::channel::<()>();
        let (tell, told) = oneshot::channel();
        lanes.start(stuck, async move { hangs.await.unwrap() });
        lanes.start(stuck, async { panic!("the lane is busy") });
        lanes.start(other, async move { tell.send(()).unwrap() });
        told.await.unwrap();
        let_go.send(()).unwrap();
        lanes.idle().await;
        let (tell, told) = oneshot::channel();
        lanes.start(stuck, async move { tell.send(()).unwrap() });
        told.await.unwrap();
    }
}
