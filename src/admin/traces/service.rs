//! The use case of traces: open one by its code.

use super::{model::TraceView, store};
use crate::{
    admin::{failure::AdminFailure, service::Admin},
    kernel::failure::Result,
    web::reference,
};

impl Admin {
    /// What led to the failure that was told under this code, however it was typed.
    ///
    /// # Errors
    /// `AD-106` when there is none, or it is not kept any more.
    pub async fn failure_trace(&self, reference: &str) -> Result<TraceView> {
        let code = reference::typed(reference).ok_or(AdminFailure::NotFound)?;
        self.flush_records().await;
        let kept = store::find(&self.database, &code).await?;
        let kept = kept.ok_or_else(|| AdminFailure::NotFound.failure())?;
        Ok(kept.view(&code))
    }
}
