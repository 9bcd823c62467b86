//! What the demo, and tests, do at once or beside the API; a server does neither. Not in packages.

use std::time::Duration;

use super::App;
use crate::{doctor::Report, kernel::failure::Result, store::Database};

impl App {
    /// Tells portals of the logouts that are due, once, and waits until they were asked.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn deliver_logouts(&self) -> Result<()> {
        self.provider.deliver().await?;
        self.provider.delivered().await;
        Ok(())
    }

    /// Sends the notices that are due, and waits for the end.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn send_notices(&self) -> Result<()> {
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
