//! The server's stop, for answers that go on for minutes: they end when it begins, instead of being waited for.

use tokio::sync::watch;

/// Tells when the server is told to stop. Clones tell the same.
#[derive(Clone)]
pub struct Draining(watch::Receiver<bool>);

impl Draining {
    /// Told by this signal: `true` from the beginning of the stop on.
    pub const fn new(signal: watch::Receiver<bool>) -> Self {
        Self(signal)
    }

    /// Waits until the stop begins; without its sender nobody can begin it.
    pub async fn begun(&mut self) {
        if self.0.wait_for(|draining| *draining).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
