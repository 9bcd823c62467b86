//! The use case of traces: open one by its code.

use super::{model::TraceView, store};
use crate::{
    admin::{failure::AdminFailure, service::Admin},
    kernel::failure::Result,
};

impl Admin {
    /// What led to the failure that was told under this code.
    ///
    /// # Errors
    /// `AD-106` when there is none, or it is not kept any more.
    pub async fn failure_trace(&self, reference: &str) -> Result<TraceView> {
        self.flush_records().await;
        let kept = store::find(&self.database, reference).await?;
        let kept = kept.ok_or_else(|| AdminFailure::NotFound.failure())?;
        Ok(kept.view(reference))
    }
}
