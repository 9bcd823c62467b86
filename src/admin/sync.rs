//! The seam to the sync: starting a run by hand, and then watching it.

use super::service::Admin;
use crate::{directory::sync_runs::RunView, kernel::failure::Result};
use uuid::Uuid;

impl Admin {
    /// Starts a run and shows it as it stands.
    ///
    /// # Errors
    /// `DI-102` when there is no such data source, `DI-108` when it is disabled, and whatever starting says.
    pub async fn start_sync(&self, actor: &str, source: Uuid) -> Result<RunView> {
        self.directory.request_sync(actor, source).await?;
        let run = (self.start_sync)(source).await?;
        self.directory.run(run).await
    }
}
