//! Use cases of subscriptions: create, change, delete, read.

use uuid::Uuid;

use super::{
    input::{NewSubscription, SubscriptionChange},
    store,
    view::{SubscriptionFilter, SubscriptionView},
};
use crate::{
    kernel::{
        entity_tag::IfMatch,
        failure::Result,
        sorting::{SortedListing, SortedPage},
    },
    notices::{failure::NoticeFailure, service::Notices},
};

impl Notices {
    /// Adds a subscription.
    ///
    /// # Errors
    /// `NO-101` for unacceptable fields.
    pub async fn create_subscription(&self, actor: &str, input: &NewSubscription) -> Result<SubscriptionView> {
        let id = store::create(self.change(actor).await?, input).await?;
        self.subscription(id).await
    }

    /// Changes a subscription.
    ///
    /// # Errors
    /// As for creating; `NO-102` when there is none, `AD-114` when it is not in the state that `if_match` demands.
    pub async fn change_subscription(
        &self,
        actor: &str,
        id: Uuid,
        input: &SubscriptionChange,
        if_match: &IfMatch,
    ) -> Result<SubscriptionView> {
        store::change(self.change(actor).await?, id, input, if_match).await?;
        self.subscription(id).await
    }

    /// Deletes a subscription.
    ///
    /// # Errors
    /// `NO-102` when there is none, `AD-114` when it is not in the state that `if_match` demands.
    pub async fn delete_subscription(&self, actor: &str, id: Uuid, if_match: &IfMatch) -> Result<()> {
        store::delete(self.change(actor).await?, id, if_match).await
    }

    /// Returns one subscription.
    ///
    /// # Errors
    /// `NO-102` when there is none.
    pub async fn subscription(&self, id: Uuid) -> Result<SubscriptionView> {
        let found = store::find(&self.deps.database, id).await?;
        found.ok_or_else(|| NoticeFailure::NotFound.into())
    }

    /// Lists the wanted subscriptions.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn subscriptions(
        &self,
        filter: &SubscriptionFilter,
        page: &SortedPage,
    ) -> Result<SortedListing<SubscriptionView>> {
        store::list(&self.deps.database, filter, page).await
    }
}
