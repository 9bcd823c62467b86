//! What the demo, and tests, do at once or beside the API; a server does neither. Not in packages.

use std::time::Duration;

use super::App;
use crate::{doctor::Report, kernel::failure::Result, store::Database};

impl App {
    /// Does what is due: tells portals, sends notices, looks at members whom WeCom's events are about; waits until each was tried.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn do_what_is_due(&self) -> Result<()> {
        self.wait_for_background_work().await;
        self.jobs.callbacks.look_at_due().await?;
        self.provider.deliver().await?;
        self.provider.delivered().await;
        self.notices.deliver_all().await
    }

    /// What the doctor of this server finds at this moment, however lately it looked.
    pub async fn examine_now(&self) -> Report {
        self.doctor.report_within(Duration::ZERO).await
    }

    /// The database.
    pub const fn database(&self) -> &Database {
        &self.infrastructure.database
    }
}
