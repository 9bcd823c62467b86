//! What follows from a right password: the gate is asked, and a session opened.

use uuid::Uuid;

use super::password_login::ClientContext;
use crate::{
    gate::{Denied, Permit, Visit},
    kernel::failure::{Failure, Result},
    signin::{
        answer::{About, SignInOutcome},
        journey::{Journeys, LoginRequest, journey_id},
        session_model::Proof,
        trial::entering::{Entered, Proven},
    },
};

impl Journeys {
    /// Asks the gate and opens the session of a user whose password, by this stamp, was right.
    pub(super) async fn sign_in_by_password(
        &self,
        (user, stamp): (Uuid, &str),
        amr: &[&str],
        (login_request, context): (&LoginRequest, &ClientContext),
    ) -> Result<SignInOutcome> {
        match self.admit_by_password(user, login_request).await? {
            Ok(permit) => {
                self.open_password_session((permit, stamp), amr, (login_request, context))
                    .await
            }
            Err(refused) => Ok(refused),
        }
    }

    /// Asks the gate about somebody whose password, or passkey in its place, was right.
    pub(in crate::signin) async fn admit_by_password(
        &self,
        user: Uuid,
        login_request: &LoginRequest,
    ) -> Result<Result<Permit, SignInOutcome>> {
        let portal = login_request.portal;
        match self.ask_gate(Visit::Password { user, portal }, login_request).await {
            Ok(permit) => Ok(Ok(permit)),
            Err(Denied::Failed(failure)) => Ok(Err(self.failed_by_password(failure, user, login_request).await?)),
            Err(denied @ Denied::Refused(_)) => {
                let about = self.about(user, login_request).await?;
                Ok(Err(self.refuse(denied, about).await))
            }
        }
    }

    /// What a failure is about whose password was right.
    async fn about(&self, user: Uuid, login_request: &LoginRequest) -> Result<About> {
        Ok(About {
            journey: Some(journey_id(login_request)),
            portal: Some(login_request.portal),
            who: self.store.username(user).await?,
            trial: None,
            apply: None,
        })
    }

    /// A failure that is nobody's refusal; in a trial it is the outcome.
    pub(super) async fn failed_by_password(
        &self,
        failure: Failure,
        user: Uuid,
        login_request: &LoginRequest,
    ) -> Result<SignInOutcome> {
        if login_request.trial.is_none() {
            return Err(failure);
        }
        let about = self.about(user, login_request).await?;
        Ok(self.refuse(Denied::Failed(failure), about).await)
    }

    pub(super) async fn open_password_session(
        &self,
        (permit, stamp): (Permit, &str),
        amr: &[&str],
        (login_request, context): (&LoginRequest, &ClientContext),
    ) -> Result<SignInOutcome> {
        let user = permit.person().id;
        let proof = Proof::Password(stamp.to_owned());
        let proven = Proven {
            amr,
            visitor: context.visitor(),
            proof: &proof,
        };
        let cookie = match self.enter(permit, login_request, proven).await? {
            Entered::Session(cookie) => cookie,
            Entered::Tried(tried) => return Ok(SignInOutcome::Tried(tried)),
        };
        let trusted_browser = self.trust_browser((user, stamp), context.trusted_browser.as_deref());
        // The session is open: nothing from here on may fail the sign-in.
        let trusted_browser = trusted_browser.await.inspect_err(|failure| {
            tracing::warn!(%failure, "a browser that proved every factor is not marked as trusted");
        });
        Ok(SignInOutcome::SignedIn {
            cookie: cookie.expose().clone(),
            trusted_browser: trusted_browser.ok(),
            to: login_request.return_to.clone(),
        })
    }
}
