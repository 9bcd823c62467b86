//! Confirmation after a browser switch: the WeCom desktop client opened the callback in another browser, so the person confirms before a
//! session opens.
//!
//! Without this step anybody could send somebody a finished callback and sign them in as another person (login CSRF).

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    answer::{About, SignInOutcome},
    failure::SignInFailure,
    journey::{Journeys, binding},
    standing::Visitor,
    wecom_redirect::{WecomAttempt, WecomLogin},
};
use crate::{
    gate::{Denied, Visit},
    kernel::failure::Result,
    web::context::{self, Company},
    wecom::model::ScannedIdentity,
};

/// How long the confirmation can be given.
const QUESTION_LIFETIME: Duration = Duration::from_secs(5 * 60);

/// A pending confirmation, as stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct PendingConfirmation {
    attempt: WecomAttempt,
    userid: String,
    binding: String,
}

/// What the confirmation page shows.
#[derive(Clone, Debug)]
pub struct ConfirmationView {
    /// The portal's name.
    pub portal: String,
    /// Its row id.
    pub portal_id: Uuid,
    /// Id of the journey, whose login page takes another account.
    pub journey: String,
    /// Whether it is a trial.
    pub trial: bool,
    /// The member's userid; names are not repeated to a browser that has proven nothing.
    pub userid: String,
}

fn question_key(token: &str) -> String {
    format!("question:{token}")
}

impl Journeys {
    pub(super) async fn request_confirmation(
        &self,
        attempt: &WecomAttempt,
        scanned: ScannedIdentity,
    ) -> Result<SignInOutcome> {
        let ScannedIdentity::Member { userid, .. } = scanned else {
            return Err(SignInFailure::JourneyUnknown.into());
        };
        let cookie = self.deps.entropy.token().expose().clone();
        let token = self.deps.entropy.hex_id();
        let question = PendingConfirmation {
            attempt: attempt.clone(),
            userid,
            binding: binding(&cookie),
        };
        self.put_json(&question_key(&token), &question, QUESTION_LIFETIME)
            .await?;
        Ok(SignInOutcome::Confirm { cookie, token })
    }

    /// What the confirmation page shows to this browser.
    ///
    /// # Errors
    /// `SI-101` when there is no pending confirmation under this token, `SI-103` in another browser.
    pub async fn confirmation_details(&self, token: &str, cookie: Option<&str>) -> Result<ConfirmationView> {
        let question = self.question(token, cookie).await?;
        let login_request = self.load(&question.attempt.journey).await?;
        Ok(ConfirmationView {
            portal: self.portal(&login_request).await?.name,
            portal_id: login_request.portal,
            trial: login_request.trial.is_some(),
            userid: question.userid,
            journey: question.attempt.journey,
        })
    }

    /// Confirms: consumes the pending confirmation (it works once), asks the gate again and opens the session. Where that failed for a
    /// reason of ours or of WeCom's, it can be given again.
    ///
    /// # Errors
    /// As [`Journeys::confirmation_details`].
    pub async fn confirm(&self, token: &str, cookie: Option<&str>, visitor: Visitor<'_>) -> Result<SignInOutcome> {
        let question = self.question(token, cookie).await?;
        let login_request = self.load(&question.attempt.journey).await?;
        let taken = self.deps.ephemeral.take(&question_key(token)).await?;
        let taken = taken.ok_or_else(|| SignInFailure::JourneyUnknown.failure())?;
        let scanned = ScannedIdentity::Member {
            userid: question.userid.clone(),
            user_ticket: None,
        };
        let visit = Visit::Scan {
            auth_source: question.attempt.auth_source,
            identity: &scanned,
            portal: login_request.portal,
        };
        let outcome = match self.ask_gate(visit, &login_request).await {
            Ok(permit) => {
                let signed_in = self.sign_in(permit, WecomLogin::InApp, &login_request, visitor);
                signed_in.await.map_err(Denied::from)
            }
            Err(denied) => Err(denied),
        };
        match outcome {
            Ok(outcome) => Ok(outcome),
            Err(denied) => {
                let here = WecomAttempt {
                    binding: question.binding.clone(),
                    ..question.attempt.clone()
                };
                let identity = (Some(login_request.portal), question.userid.as_str());
                let apply = self.offer_to_apply((&here, true), &denied, identity).await;
                if denied.may_pass() {
                    let ephemeral = &self.deps.ephemeral;
                    ephemeral.put(&question_key(token), &taken, QUESTION_LIFETIME).await?;
                }
                let about = About {
                    journey: Some(question.attempt.journey),
                    portal: Some(login_request.portal),
                    // No name, as on the page before.
                    who: Some(question.userid),
                    trial: None,
                    apply,
                };
                Ok(self.refuse(denied, about).await)
            }
        }
    }

    async fn question(&self, token: &str, cookie: Option<&str>) -> Result<PendingConfirmation> {
        let question: Option<PendingConfirmation> = self.get_json(&question_key(token)).await?;
        let question = question.ok_or_else(|| SignInFailure::JourneyUnknown.failure())?;
        context::portal(&question.attempt.client_id);
        context::company(|| Company::Corp(question.attempt.corp_key.clone()));
        if cookie.is_none_or(|cookie| binding(cookie) != question.binding) {
            return Err(SignInFailure::OtherBrowser.into());
        }
        Ok(question)
    }
}
