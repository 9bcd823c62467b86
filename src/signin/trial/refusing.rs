//! The page of a denial, which in a trial is the outcome and kept.

use serde_json::{Value, json};

use super::model::{Outcome, ToldFailure, TrialUser};
use crate::{
    gate::Denied,
    signin::{
        answer::{About, RefusalPage, SignInOutcome},
        journey::Journeys,
    },
};

impl Journeys {
    /// The page for a denial on the journey that it is about.
    pub(in crate::signin) async fn refuse(&self, denied: Denied, about: About) -> SignInOutcome {
        let (checks, user) = match &denied {
            Denied::Refused(refusal) => {
                let person = refusal.person.as_deref().map(TrialUser::of);
                (json!(refusal.seen), person)
            }
            Denied::Failed(_) => (Value::Null, None),
        };
        let page = RefusalPage::denied(denied, about);
        let outcome = Outcome {
            at: self.deps.clock.now(),
            failure: Some(ToldFailure {
                number: page.number.clone(),
                en: page.en.clone(),
                zh: page.zh.clone(),
                reference: page.reference.clone(),
            }),
            who: page
                .about
                .who
                .clone()
                .or_else(|| user.as_ref().map(TrialUser::in_words)),
            user,
            member: None,
            checks,
        };
        // Whoever is refused is told so, whether the trial could be kept or not.
        if let Err(failure) = self.end_badly(&page.about, outcome).await {
            tracing::warn!(%failure, "the outcome of a trial could not be kept");
        }
        SignInOutcome::Refused(page)
    }

    async fn end_badly(&self, about: &About, outcome: Outcome) -> crate::kernel::failure::Result<()> {
        let Some(journey) = &about.journey else { return Ok(()) };
        let trial = self.kept(journey).await?.and_then(|journey| journey.trial);
        if let Some(trial) = trial {
            self.end_trial(trial, &outcome).await?;
        }
        Ok(())
    }
}
