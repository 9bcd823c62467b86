//! Use cases of refusals: list, count by number.

use std::time::Duration;

use uuid::Uuid;

use super::{
    model::{RefusalFilter, RefusalSummary, RefusalView},
    store,
};
use crate::{
    admin::{failure::AdminFailure, service::Admin},
    kernel::{
        failure::Result,
        sorting::{SortedListing, SortedPage},
    },
};

/// The span that is counted unless another is asked for: what people met today.
const DAY: Duration = Duration::from_secs(24 * 3600);

impl Admin {
    /// Lists refusals, newest first unless asked otherwise.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn refusals(&self, filter: &RefusalFilter, page: &SortedPage) -> Result<SortedListing<RefusalView>> {
        self.flush_records().await;
        store::list(&self.database, filter, page).await
    }

    /// Counts refusals by number, of the last day unless the filter names a span.
    ///
    /// # Errors
    /// `AD-105` when the span ends before it begins.
    pub async fn refusal_summary(&self, mut filter: RefusalFilter) -> Result<RefusalSummary> {
        self.flush_records().await;
        let now = self.clock.now();
        // What happens in this very millisecond counts.
        let until = filter.until.unwrap_or_else(|| now.millis().saturating_add(1));
        let day = i64::try_from(DAY.as_millis()).unwrap_or(i64::MAX);
        let since = filter.since.unwrap_or_else(|| until.saturating_sub(day));
        if since > until {
            return Err(AdminFailure::Invalid
                .failure()
                .detail("since: must not come after until"));
        }
        filter.since = Some(since);
        filter.until = Some(until);
        let items = store::count(&self.database, &filter).await?;
        Ok(RefusalSummary { since, until, items })
    }

    /// The actors under which the audit log knows a user: themselves, and each member they are linked to.
    ///
    /// # Errors
    /// `DI-102` when there is no such user.
    pub(in crate::admin) async fn actors_of_user(&self, user: Uuid) -> Result<Vec<String>> {
        self.directory.user(user).await?;
        let members = store::members_of(&self.database, user).await?;
        Ok(std::iter::once(format!("user:{user}")).chain(members).collect())
    }

    /// The actors under which the audit log knows a member: themselves, and the user they are linked to.
    ///
    /// # Errors
    /// `DI-102` when there is no such member.
    pub(in crate::admin) async fn actors_of_member(&self, member: Uuid) -> Result<Vec<String>> {
        let found = self.directory.member(member).await?;
        let user = found.user_id.map(|user| format!("user:{user}"));
        let member = store::member(&self.database, member).await?;
        Ok(member.into_iter().chain(user).collect())
    }
}
