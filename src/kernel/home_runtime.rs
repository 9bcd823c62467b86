//! The home runtime: the one on which the application was built. It outlives the server's workers, each of which has a runtime of its own
//! that ends as soon as its last request is answered, together with every task and connection that began there.
//!
//! What must not end with one worker runs here: calls to others, whose pooled connections all workers share, and what goes on after an
//! answer. It has one thread; whoever computes for long has another ([`HomeRuntime::run_aside`]), since all that wait for a connection or a commit
//! wait for this one.

use std::{
    cell::Cell,
    future::Future,
    io,
    thread::{self, ThreadId},
};

use tokio::{
    runtime::Handle,
    sync::oneshot,
    task::{AbortHandle, JoinError, JoinHandle},
};
use tracing::instrument::WithSubscriber;

use super::spans;

thread_local! {
    static IS_WORKER: Cell<bool> = const { Cell::new(false) };
}

/// Says that this thread is a worker of the server, with a runtime of its own that lives as long as it.
pub fn begin_worker() {
    IS_WORKER.set(true);
}

/// The worker that this thread is, if it is one.
pub fn worker() -> Option<ThreadId> {
    IS_WORKER.get().then(|| thread::current().id())
}

/// A handle to the home runtime. Cheap to clone.
#[derive(Clone, Debug)]
pub struct HomeRuntime(Handle);

impl HomeRuntime {
    /// The current runtime as home; to be called where the application is built.
    pub fn current() -> Self {
        Self(Handle::current())
    }

    /// The handle itself.
    pub const fn handle(&self) -> &Handle {
        &self.0
    }

    /// Starts a task that goes on by itself.
    pub fn spawn<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        self.0.spawn(work)
    }

    /// Runs a task to its end, unless its caller gives up.
    ///
    /// # Errors
    /// When the task panics, or the home runtime ends.
    pub async fn run<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Result<T, JoinError> {
        let task = self.0.spawn(spans::carry(work));
        let _given_up = AbortOnDrop(task.abort_handle());
        task.await
    }

    /// Runs work that computes for long on a thread of its own, to its end, unless its caller gives up. Its connections and timers are the home
    /// runtime's, and its log is the caller's.
    ///
    /// # Errors
    /// When there is no thread to be had, the work panics, or the home runtime ends.
    pub async fn run_aside<T: Send + 'static>(
        &self,
        name: &str,
        work: impl Future<Output = T> + Send + 'static,
    ) -> io::Result<T> {
        let (work, home) = (spans::carry(work).with_current_subscriber(), self.0.clone());
        let (mut done, outcome) = oneshot::channel();
        let told = async move {
            tokio::select! {
                outcome = work => drop(done.send(outcome)),
                () = done.closed() => {}
            }
        };
        thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || home.block_on(told))?;
        outcome.await.map_err(io::Error::other)
    }
}

struct AbortOnDrop(AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use tokio::sync::{mpsc, oneshot};

    use super::HomeRuntime;

    #[tokio::test]
    async fn what_runs_aside_keeps_nobody_at_home_waiting() {
        let home = HomeRuntime::current();
        let (answers, answer) = std::sync::mpsc::channel();
        let (ask, asked) = oneshot::channel();
        let work = async move {
            ask.send(()).unwrap();
            // Keeps its thread to itself until somebody at home has had a turn.
            answer.recv().unwrap();
            thread::current().id()
        };
        let answering = async {
            asked.await.unwrap();
            answers.send(()).unwrap();
        };
        let (aside, ()) = futures_util::future::join(home.run_aside("aside", work), answering).await;
        assert_ne!(aside.unwrap(), thread::current().id());
    }

    #[tokio::test]
    async fn what_runs_aside_ends_with_whoever_waits_for_it() {
        let home = HomeRuntime::current();
        let (begins, mut begun) = mpsc::channel::<()>(1);
        let work = async move {
            begins.send(()).await.unwrap();
            std::future::pending::<()>().await;
        };
        {
            let mut waiting = std::pin::pin!(home.run_aside("aside", work));
            tokio::select! {
                _ = &mut waiting => panic!("it never ends"),
                () = async { begun.recv().await.unwrap() } => {}
            }
        }
        assert_eq!(begun.recv().await, None, "its own end is dropped");
    }

    #[test]
    fn a_worker_is_one_thread() {
        let begun = thread::spawn(|| {
            super::begin_worker();
            super::worker() == Some(thread::current().id())
        });
        assert!(begun.join().unwrap());
        assert_eq!(super::worker(), None);
    }

    #[tokio::test]
    async fn a_panic_aside_is_an_error() {
        let home = HomeRuntime::current();
        assert!(home.run_aside("aside", async { panic!("on purpose") }).await.is_err());
    }
}
