//! The home runtime: the one on which the application was built. It outlives the server's workers, each of which has a runtime of its own
//! that ends as soon as its last request is answered, together with every task and connection that began there.
//!
//! What must not end with one worker runs here: calls to others, whose pooled connections all workers share, and what goes on after an
//! answer.

use std::future::Future;

use tokio::{
    runtime::Handle,
    task::{AbortHandle, JoinError, JoinHandle},
};

use super::spans;

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
}

struct AbortOnDrop(AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
