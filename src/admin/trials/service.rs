//! Use cases of trials of sign-ins: make one at a portal, and look at it.

use uuid::Uuid;

use super::model::{TrialView, TrialWanted};
use crate::{
    admin::{failure::AdminFailure, service::Admin},
    kernel::failure::Result,
    oidc::Provider,
    signin::{
        Journeys,
        trial::model::{Made, NewTrial, TrialState},
    },
};

impl Admin {
    /// Makes a trial of a sign-in at a portal, by its row id or `client_id`.
    ///
    /// # Errors
    /// `AD-105` for a page that it may not lead to, `OP-341` and so on where there is no such portal, `SI-212` when this caller made too many.
    pub async fn make_trial(
        &self,
        journeys: &Journeys,
        actor: &str,
        (client, wanted): (&str, &TrialWanted),
    ) -> Result<Made> {
        wanted.faults().into_result(AdminFailure::Invalid.entry())?;
        let client = self.registrations().client(client).await?;
        let trial = NewTrial {
            client: client.id,
            client_id: &client.client_id,
            acr: client.metadata.default_acr_values.clone(),
            return_to: wanted.return_to(),
        };
        journeys.make_trial(actor, trial).await
    }

    /// A trial, with what the portal would be told of whoever went through it.
    ///
    /// # Errors
    /// `AD-140` when there is none, or it is not kept any more.
    pub async fn trial(&self, journeys: &Journeys, provider: &Provider, id: Uuid) -> Result<TrialView> {
        let status = journeys.trial_status(id).await?;
        let status = status.ok_or_else(|| AdminFailure::TrialUnknown.failure())?;
        let permitted = status
            .outcome
            .as_ref()
            .filter(|_| status.state == TrialState::Permitted)
            .and_then(|outcome| Some((outcome.user.as_ref()?.id, outcome.member)));
        let claims = match permitted {
            Some(whose) => provider.preview_claims(status.trial.client, whose, None).await?,
            None => None,
        };
        Ok(TrialView::of(status, claims))
    }
}
