//! Use cases of notices as records: read, list, send again.

use uuid::Uuid;

use super::{
    failure::NoticeFailure,
    record_view::{NoticeFilter, NoticeView, Resend},
    service::Notices,
    store::records,
};
use crate::kernel::{
    failure::Result,
    sorting::{SortedListing, SortedPage},
};

impl Notices {
    /// Returns one notice with its deliveries.
    ///
    /// # Errors
    /// `NO-102` when there is none.
    pub async fn notice(&self, id: Uuid) -> Result<NoticeView> {
        let found = records::find(&self.deps.database, &self.deps.sealer, id).await?;
        found.ok_or_else(|| NoticeFailure::NotFound.into())
    }

    /// Lists the wanted notices.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn notices(&self, filter: &NoticeFilter, page: &SortedPage) -> Result<SortedListing<NoticeView>> {
        records::list(&self.deps.database, &self.deps.sealer, filter, page).await
    }

    /// Sends again, for up to another day, or as long as the link in it works, what of a notice failed or was given up, or the delivery that is named; it is sent in the background.
    ///
    /// # Errors
    /// `NO-102` when there is no such notice or delivery, `NO-104` when nothing of it failed, `NO-106` when the link in it is over.
    pub async fn resend(&self, actor: &str, id: Uuid, what: &Resend) -> Result<NoticeView> {
        records::resend(self.change(actor).await?, id, what.delivery_id).await?;
        self.notice(id).await
    }
}
