//! Background tasks of the callback endpoint: work that goes on after its reply was sent, kept together so that somebody can wait for it.

use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::task::JoinSet;

use crate::kernel::home_runtime::HomeRuntime;

/// The running tasks. Clones share them; the last clone dropped aborts them.
#[derive(Clone)]
pub(super) struct Background {
    tasks: Arc<Mutex<JoinSet<()>>>,
    home: HomeRuntime,
}

impl Background {
    /// None yet; they will run on `home`.
    pub(super) fn new(home: HomeRuntime) -> Self {
        Self {
            tasks: Arc::default(),
            home,
        }
    }

    /// Spawns a task.
    pub(super) fn spawn(&self, action: impl Future<Output = ()> + Send + 'static) {
        let mut actions = self.lock();
        // Nothing waits for them in production, so finished tasks are removed here.
        while actions.try_join_next().is_some() {}
        actions.spawn_on(action, self.home.handle());
    }

    /// Waits until none is running. To be polled to its end: dropped before, it aborts what it waits for.
    pub(super) async fn idle(&self) {
        loop {
            let mut running = mem::take(&mut *self.lock());
            if running.is_empty() {
                return;
            }
            while running.join_next().await.is_some() {}
        }
    }

    fn lock(&self) -> MutexGuard<'_, JoinSet<()>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
