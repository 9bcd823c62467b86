//! Use cases of offboarding reports: list, read, send again what was not delivered.

use std::time::Duration;

use uuid::Uuid;

use super::{
    model::{ReportFilter, ReportLine, ReportSummary, ReportView},
    store,
};
use crate::{
    admin::{failure::AdminFailure, service::Admin},
    audit::difference::Difference,
    kernel::{
        failure::Result,
        sorting::{SortedListing, SortedPage},
    },
    oidc::Provider,
};

/// The span that is counted unless another is asked for.
const MONTH: Duration = Duration::from_secs(30 * 24 * 3600);

impl Admin {
    /// Lists the wanted reports.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn offboardings(&self, filter: &ReportFilter, page: &SortedPage) -> Result<SortedListing<ReportLine>> {
        store::list(&self.database, filter, page).await
    }

    /// Counts whose access ended since that moment, of the last thirty days unless one is given.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn offboarding_summary(&self, since: Option<i64>) -> Result<ReportSummary> {
        let since = since.unwrap_or_else(|| self.clock.now().minus(MONTH).millis());
        store::summary(&self.database, since).await
    }

    /// One report.
    ///
    /// # Errors
    /// `AD-106` when there is none.
    pub async fn offboarding(&self, id: Uuid) -> Result<ReportView> {
        let found = store::find(&self.database, id).await?;
        found.ok_or_else(|| AdminFailure::NotFound.into())
    }

    /// Sends the report's logouts again that were not delivered, at once and for up to another day.
    ///
    /// # Errors
    /// `AD-106` when there is no such report.
    pub async fn resend_offboarding(&self, actor: &str, provider: &Provider, id: Uuid) -> Result<ReportView> {
        let report = self.offboarding(id).await?;
        let mut again = false;
        for delivery in report.portals.iter().flat_map(|portal| &portal.deliveries) {
            // One that is delivered meanwhile needs no second one.
            if delivery.state != "delivered" {
                again |= provider.retry_logout_delivery(delivery.id).await.is_ok();
            }
        }
        if again {
            let source = report.line.data_source_id.map(|id| id.to_string());
            let whose = Difference::default()
                .also("user_id", report.line.user_id.to_string())
                .also("data_source_id", source);
            self.note_difference(actor, format!("offboarding:{id}"), ("resent", &[]), whose)
                .await?;
        }
        self.offboarding(id).await
    }
}
