//! Jobs that run, and how they come to an end: none starts any more, and each that runs is waited for.

use std::{future::pending, sync::Arc, time::Duration};

use tokio::{
    sync::{Notify, watch},
    task::JoinHandle,
    time::{Interval, MissedTickBehavior, interval},
};

/// The running jobs. When it is dropped they go on.
#[derive(Default)]
pub struct RunningJobs {
    stopping: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl RunningJobs {
    /// Starts `work`, now and then whenever this time has passed, on the current runtime.
    pub(super) fn every<F: Future<Output = ()> + Send + 'static>(
        &mut self,
        time: Duration,
        work: impl Fn() -> F + Send + 'static,
    ) {
        let mut stopping = self.stopping.subscribe();
        self.tasks.push(tokio::spawn(async move {
            let mut interval = interval(time);
            interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
            while is_due(&mut interval, &mut stopping).await {
                work().await;
            }
        }));
    }

    /// Starts `work` whenever somebody is notified, on the current runtime. Who is notified while it runs has it run once more.
    pub(super) fn whenever<F: Future<Output = ()> + Send + 'static>(
        &mut self,
        notified: Arc<Notify>,
        work: impl Fn() -> F + Send + 'static,
    ) {
        let mut stopping = self.stopping.subscribe();
        self.tasks.push(tokio::spawn(async move {
            while goes_on(notified.notified(), &mut stopping).await {
                work().await;
            }
        }));
    }

    /// Starts nothing more and waits for what runs.
    pub async fn stop(self) {
        self.stopping.send_replace(true);
        for task in self.tasks {
            drop(task.await);
        }
    }
}

/// Waits for the next time; false when the jobs are to stop.
async fn is_due(interval: &mut Interval, stopping: &mut watch::Receiver<bool>) -> bool {
    let next = async move {
        let _at = interval.tick().await;
    };
    goes_on(next, stopping).await
}

/// Waits for this; false when the jobs are to stop.
async fn goes_on(awaited: impl Future<Output = ()>, stopping: &mut watch::Receiver<bool>) -> bool {
    let stopped = async {
        if stopping.wait_for(|stop| *stop).await.is_err() {
            pending::<()>().await;
        }
    };
    tokio::select! {
        biased;
        () = stopped => false,
        () = awaited => true,
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
        time::Duration,
    };

    use tokio::sync::{Notify, Semaphore};

    use super::RunningJobs;

    #[tokio::test]
    async fn what_runs_is_waited_for_and_nothing_starts_any_more() {
        let (begun, ended) = (Arc::new(Notify::new()), Arc::new(AtomicUsize::new(0)));
        let gate = Arc::new(Semaphore::new(0));
        let mut jobs = RunningJobs::default();
        let shared = (Arc::clone(&begun), Arc::clone(&gate), Arc::clone(&ended));
        jobs.every(Duration::from_millis(1), move || {
            let (begun, gate, ended) = shared.clone();
            async move {
                begun.notify_one();
                drop(gate.acquire().await);
                ended.fetch_add(1, Ordering::SeqCst);
            }
        });
        begun.notified().await;
        let stopping = tokio::spawn(jobs.stop());
        tokio::task::yield_now().await;
        assert!(!stopping.is_finished(), "it still runs");
        gate.add_permits(100);
        stopping.await.unwrap();
        assert_eq!(ended.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn who_is_notified_has_it_run_until_the_jobs_end() {
        let (notify, ran) = (Arc::new(Notify::new()), Arc::new(Semaphore::new(0)));
        let mut jobs = RunningJobs::default();
        let counted = Arc::clone(&ran);
        jobs.whenever(Arc::clone(&notify), move || {
            let counted = Arc::clone(&counted);
            async move { counted.add_permits(1) }
        });
        for _ in 0..2 {
            notify.notify_one();
            ran.acquire().await.unwrap().forget();
        }
        jobs.stop().await;
        notify.notify_one();
        tokio::task::yield_now().await;
        assert_eq!(ran.available_permits(), 0);
    }
}
