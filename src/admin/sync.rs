//! Starts sync runs by hand; the sync itself belongs to `directory` and `jobs`.

use super::service::Admin;
use crate::{directory::sync_runs::RunView, kernel::failure::Result};
use uuid::Uuid;

impl Admin {
    /// Starts a run and returns its present state.
    ///
    /// # Errors
    /// `DI-102` when there is no such data source, `DI-108` when it is disabled, and whatever starting says.
    pub async fn start_sync(&self, actor: &str, source: Uuid) -> Result<RunView> {
        self.directory.request_sync(actor, source).await?;
        let run = (self.start_sync)(source).await?;
        self.directory.run(run).await
    }
}
