//! The gate's question and what follows from its permit: a session, or, in a trial, an outcome that is kept. The one place where this is
//! decided.

use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::model::{Outcome, TrialUser};
use crate::{
    gate::{Denied, Permit, Visit, facts::Person},
    kernel::{failure::Result, secret::Secret},
    signin::{
        failure::SignInFailure,
        journey::{Journeys, LoginRequest},
        session_model::Proof,
        standing::Visitor,
    },
};

/// How a person proved who they are.
#[derive(Clone, Copy, Debug)]
pub struct Proven<'a> {
    /// Authentication methods (RFC 8176).
    pub amr: &'a [&'a str],
    /// What is known of whoever signs in.
    pub visitor: Visitor<'a>,
    /// What must hold still when the session is written.
    pub proof: &'a Proof,
}

/// What a permit led to.
pub enum Entered {
    /// A session, with this cookie.
    Session(Secret<String>),
    /// A trial that ended well.
    Tried(Box<TriedVisit>),
}

/// A trial that ended well, as its page shows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TriedVisit {
    /// Id of the trial.
    pub trial: Uuid,
    /// Row id of the portal.
    pub portal: Uuid,
    /// Who was scanned or typed, in words.
    pub who: String,
    /// The names of the checks that passed, in the gate's order.
    pub checks: Vec<String>,
}

impl TrialUser {
    /// This person.
    pub fn of(person: &Person) -> Self {
        Self {
            id: person.id,
            username: person.username.clone(),
            display_name: person.display_name.clone(),
        }
    }

    /// Username and name.
    pub fn in_words(&self) -> String {
        match &self.display_name {
            Some(name) => format!("{} · {name}", self.username),
            None => self.username.clone(),
        }
    }
}

impl Journeys {
    /// Asks the gate for a visit on this journey.
    pub(in crate::signin) async fn ask_gate(
        &self,
        visit: Visit<'_>,
        login_request: &LoginRequest,
    ) -> Result<Permit, Denied> {
        match login_request.trial {
            Some(_) => self.deps.gate.try_out(visit).await,
            None => self.deps.gate.admit(visit).await,
        }
    }

    /// Opens the session that a permit allows; in a trial keeps the outcome instead. Either way the sign-in is finished, and its address no
    /// longer counted for it.
    ///
    /// # Errors
    /// As [`Sessions::open`](crate::signin::Sessions::open); `SI-210` when the trial ended meanwhile.
    pub(in crate::signin) async fn enter(
        &self,
        permit: Permit,
        login_request: &LoginRequest,
        proven: Proven<'_>,
    ) -> Result<Entered> {
        let entered = match login_request.trial {
            Some(trial) => Entered::Tried(Box::new(self.end_well(trial, &permit).await?)),
            None => Entered::Session(self.open_session(permit, proven).await?),
        };
        // It is done, and what was proven is used up: nothing from here on may fail the sign-in.
        if let Err(failure) = self.finished(login_request).await {
            tracing::warn!(%failure, "a finished sign-in could not be taken off the anonymous limit");
        }
        Ok(entered)
    }

    /// Opens the session, and tells its person where the browser was not known for them.
    async fn open_session(&self, permit: Permit, proven: Proven<'_>) -> Result<Secret<String>> {
        let Proven { amr, visitor, proof } = proven;
        let user = permit.person().id;
        let known = self.knows_browser(user, visitor).await?;
        let cookie = self.deps.sessions.open(permit, amr, visitor.session, proof).await?;
        // The session is open: nothing from here on may fail the sign-in.
        if !known && let Err(failure) = self.tell_of_browser(user, amr, visitor.address).await {
            tracing::warn!(%failure, "somebody is not told of a sign-in with a new browser");
        }
        Ok(cookie)
    }

    async fn end_well(&self, trial: Uuid, permit: &Permit) -> Result<TriedVisit> {
        let user = TrialUser::of(permit.person());
        let who = user.in_words();
        let outcome = Outcome {
            failure: None,
            who: Some(who.clone()),
            user: Some(user),
            member: permit.member(),
            auth_source: permit.auth_source(),
            data_source: permit.data_source(),
            checks: json!(permit.seen()),
        };
        if !self.end_trial(trial, &outcome).await? {
            return Err(SignInFailure::TrialOver.into());
        }
        let checks = permit.seen().iter().map(|seen| seen.check.to_owned());
        Ok(TriedVisit {
            trial,
            portal: permit.portal(),
            who,
            checks: checks.collect(),
        })
    }
}
