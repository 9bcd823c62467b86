//! The outbox of back-channel logout for admins: lists deliveries, retries them, and deletes settled ones after 30 days.

use super::failure::LogoutFailure;
use crate::{
    directory::session_end::LOGOUT_RETRY_PERIOD,
    kernel::{
        failure::{Failure, Result},
        sorting::{SortedListing, SortedPage},
    },
    oidc::{
        logout::model::{DeliveryFilter, DeliveryView},
        provider::Provider,
    },
};
use std::time::Duration;
use uuid::Uuid;

/// How long settled deliveries are kept.
const REMEMBERED: Duration = Duration::from_secs(30 * 24 * 60 * 60);

impl Provider {
    /// The wanted deliveries.
    ///
    /// # Errors
    /// When the database does not answer; so for all here.
    pub async fn logout_deliveries(
        &self,
        filter: &DeliveryFilter,
        page: &SortedPage,
    ) -> Result<SortedListing<DeliveryView>> {
        Ok(self.store().list_deliveries(filter, page).await?)
    }

    /// One delivery.
    ///
    /// # Errors
    /// `OP-340` when there is none.
    pub async fn logout_delivery(&self, id: Uuid) -> Result<DeliveryView> {
        let found = self.store().find_delivery(id).await?;
        found.ok_or_else(|| LogoutFailure::DeliveryUnknown.into())
    }

    /// Retries a delivery at once, for up to another day.
    ///
    /// # Errors
    /// `OP-340` when there is none, `OP-341` when it was delivered.
    pub async fn retry_logout_delivery(&self, id: Uuid) -> Result<DeliveryView> {
        let now = self.deps().clock.now();
        if !self
            .store()
            .retry_delivery(id, now, now.plus(LOGOUT_RETRY_PERIOD))
            .await?
        {
            self.logout_delivery(id).await?;
            return Err(LogoutFailure::DeliveryDone.into());
        }
        self.deliver_soon();
        self.logout_delivery(id).await
    }

    /// Deletes settled deliveries older than `REMEMBERED`.
    pub(super) async fn sweep_outbox(&self) -> Result<(), Failure> {
        let then = self.deps().clock.now().minus(REMEMBERED);
        Ok(self.store().sweep_deliveries(then).await?)
    }
}

#[cfg(test)]
mod tests {
    use crate::oidc::logout::model::State;

    #[test]
    fn states_have_words() {
        for state in [State::Pending, State::Delivered, State::Failed, State::Abandoned] {
            assert_eq!(State::of(state.word()).unwrap(), state);
        }
        assert!(State::of("lost").is_err());
    }
}
