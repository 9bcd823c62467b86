//! The page of a denial, which in a trial is the outcome and kept, unless the same may succeed a moment later.

use serde_json::{Value, json};

use super::model::{Outcome, ToldFailure, TrialUser};
use crate::{
    gate::Denied,
    kernel::failure::Result,
    signin::{
        answer::{About, RefusalPage, SignInOutcome},
        journey::Journeys,
        next_steps::{Step, advice_on},
    },
};

/// Whether the trial goes on: nothing was found out about the person or the portal, and the page offers to try again.
fn goes_on(denied: &Denied) -> bool {
    let tries_again = |number| advice_on(number).is_some_and(|advice| advice.steps.contains(&Step::TryAgain));
    match denied {
        Denied::Failed(failure) => denied.may_pass() || tries_again(failure.entry.number),
        Denied::Refused(_) => denied.may_pass(),
    }
}

impl Journeys {
    /// The page for a denial on the journey that it is about.
    pub(in crate::signin) async fn refuse(&self, denied: Denied, about: About) -> SignInOutcome {
        let goes_on = goes_on(&denied);
        let (checks, user) = match &denied {
            Denied::Refused(refusal) => {
                let person = refusal.person.as_deref().map(TrialUser::of);
                (json!(refusal.seen), person)
            }
            Denied::Failed(_) => (Value::Null, None),
        };
        let page = RefusalPage::denied(denied, about);
        let outcome = Outcome {
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
            auth_source: None,
            data_source: None,
            checks,
        };
        // Whoever is refused is told so, whether the trial could be kept or not.
        if let Err(failure) = self.keep_denial(&page.about, outcome, goes_on).await {
            tracing::warn!(%failure, "the outcome of a trial could not be kept");
        }
        SignInOutcome::Refused(page)
    }

    async fn keep_denial(&self, about: &About, outcome: Outcome, goes_on: bool) -> Result<()> {
        let Some(journey) = &about.journey else { return Ok(()) };
        let trial = self.kept(journey).await?.and_then(|journey| journey.trial);
        match trial {
            Some(trial) if goes_on => self.note_passing(trial, &outcome).await,
            Some(trial) => self.end_trial(trial, &outcome).await.map(|_| ()),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::goes_on;
    use crate::{
        gate::Denied,
        signin::failure::{PasswordFailure, SignInFailure},
    };

    #[test]
    fn what_says_something_of_the_set_up_ends_a_trial_and_nothing_else_does() {
        for (failure, passes) in [
            (SignInFailure::Declined.failure(), true),
            (SignInFailure::TooManyCodes.failure(), true),
            (SignInFailure::ForeignAppId.failure(), false),
            (PasswordFailure::CodesMissing.failure(), false),
        ] {
            let number = failure.entry.number;
            assert_eq!(goes_on(&Denied::Failed(failure)), passes, "{number}");
        }
    }
}
