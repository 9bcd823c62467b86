//! Trying the credentials of a suite: before they are saved, when an admin says so, and when a ticket arrives (reference 13.1).

use uuid::Uuid;

use super::{
    failure::SuiteFailure,
    input::SuiteChange,
    service::Suites,
    store::{
        reading,
        state::{self, Outcome},
        ticketed,
    },
    trial::{Tried, is_due},
    view::SuiteView,
};
use crate::{
    directory::{
        console_place::place_of,
        probe::{
            bound::Bound,
            model::{Capability, Probed, Row},
        },
    },
    kernel::failure::{Failure, FieldFault, Result},
    wecom::{WeComError, model::SuiteCredential},
};

impl Suites {
    /// Tries a secret that is about to be saved; `None`: it cannot be, or nothing was entered. Another suite ID has no ticket yet.
    ///
    /// # Errors
    /// `SU-110`, `SU-111` for what WeCom refuses, unless it is to be saved anyway; `DI-242` after too many such ones; `DI-102` when there is
    /// no such suite.
    pub(super) async fn try_entered(&self, actor: &str, id: Uuid, input: &SuiteChange) -> Result<Option<Outcome>> {
        let deps = &self.deps;
        let row = reading::existing(&deps.database, id).await?;
        let Some(secret) = &input.secret else { return Ok(None) };
        if input.suite_id.as_ref().is_some_and(|new| *new != row.suite_id) {
            return Ok(None);
        }
        let Some(stored) = ticketed(&deps.sealer, deps.clock.now(), &row)? else {
            return Ok(None);
        };
        let credential = SuiteCredential {
            secret: secret.clone(),
            ..stored
        };
        let Some(tried) = self.tried(actor, &credential).await? else {
            return Ok(None);
        };
        match tried.refusal().filter(|_| !input.save_anyway) {
            Some(refusal) => Err(refused(refusal)),
            None => Ok(Some(Outcome::from(&tried))),
        }
    }

    /// Tries the stored credentials now.
    ///
    /// # Errors
    /// `DI-102` when there is no such suite, `SU-127` without a ticket that serves, `DI-242` after too many that WeCom refused.
    pub async fn try_suite(&self, actor: &str, id: Uuid) -> Result<SuiteView> {
        let deps = &self.deps;
        let row = reading::existing(&deps.database, id).await?;
        let credential = ticketed(&deps.sealer, deps.clock.now(), &row)?;
        let credential = credential.ok_or(SuiteFailure::WaitsForTicket)?;
        if let Some(tried) = self.tried(actor, &credential).await? {
            let (suite, now) = (reading::suite(row), deps.clock.now());
            state::record(&deps.database, &suite, Outcome::from(&tried), now).await?;
        }
        self.suite(id).await
    }

    /// Asks WeCom, within the bounds of whoever asks; `None`: too much was asked a moment ago.
    async fn tried(&self, actor: &str, credential: &SuiteCredential) -> Result<Option<Tried>> {
        let bound = Bound::of(&self.deps.ephemeral, actor);
        if bound.admit(1).await?.is_some() {
            return Ok(None);
        }
        let answer = self.deps.wecom.check_suite(credential).await;
        bound.settle(&[&probed(&answer)]).await;
        Ok(Some(Tried::of(answer)))
    }

    /// A ticket arrived: where that is due, the credentials are tried with it in the background, since WeCom waits for the reply.
    pub(super) fn try_later(&self, id: Uuid) {
        let suites = self.clone();
        let begun = self.background.start(async move {
            if let Err(failure) = suites.try_if_due(id).await {
                tracing::warn!(suite = %id, %failure, "the credentials of a suite could not be tried");
            }
        });
        if !begun {
            tracing::warn!(suite = %id, "too much is tried already; this suite's credentials wait for its next ticket");
        }
    }

    async fn try_if_due(&self, id: Uuid) -> Result<()> {
        let deps = &self.deps;
        let Some(row) = reading::find(&deps.database, id).await? else {
            return Ok(());
        };
        let Some(credential) = ticketed(&deps.sealer, deps.clock.now(), &row)? else {
            return Ok(());
        };
        let suite = reading::suite(row);
        if !is_due(suite.checked_at, suite.failing.is_some(), deps.clock.now()) {
            return Ok(());
        }
        let tried = Tried::of(deps.wecom.check_suite(&credential).await);
        state::record(&deps.database, &suite, Outcome::from(&tried), deps.clock.now()).await
    }
}

/// As the bounds of probes count it.
fn probed(answer: &Result<(), WeComError>) -> Probed {
    let row = match answer {
        Ok(()) => Row::yes(Capability::Token, ""),
        Err(error) => Row::failed(Capability::Token, error),
    };
    Probed {
        rows: vec![row],
        app: None,
    }
}

fn refused((pointer, failure, words): (&'static str, SuiteFailure, &str)) -> Failure {
    let entry = failure.entry();
    let fault = FieldFault {
        pointer: pointer.into(),
        parameter: None,
        entry,
        detail: words.to_owned(),
        place: place_of(entry.number),
    };
    let told = format!("{}: {words}", pointer.trim_start_matches('/'));
    Failure::of(entry).detail(told).faults(vec![fault])
}
