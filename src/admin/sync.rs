//! Starts sync runs by hand, and bounds who watches them; the sync itself belongs to `directory` and `jobs`.

use tokio::sync::OwnedSemaphorePermit;
use uuid::Uuid;

use super::service::Admin;
use crate::{
    directory::{
        sync::{Mode, SyncFailure},
        sync_runs::RunView,
    },
    kernel::failure::Result,
};

impl Admin {
    /// Starts a run in this mode and returns its present state.
    ///
    /// # Errors
    /// `DI-102` when there is no such data source, `DI-108` when it is disabled, and whatever starting says.
    pub async fn start_sync(&self, actor: &str, source: Uuid, mode: Mode) -> Result<RunView> {
        self.directory.request_sync(actor, source, mode).await?;
        let run = (self.start_sync)(source, mode).await?;
        self.directory.run(run).await
    }

    /// A place among those who watch runs, free again when it is dropped.
    ///
    /// # Errors
    /// `SY-150` when all are taken.
    pub fn watch_runs(&self) -> Result<OwnedSemaphorePermit> {
        let place = std::sync::Arc::clone(&self.watchers).try_acquire_owned();
        place.map_err(|_| SyncFailure::TooManyWatchers.failure())
    }
}
