//! The browser was switched on the way (WeCom desktop opened another one): the person says "yes, that is me" before a session opens.
//!
//! Without this step anybody could send somebody a finished callback and sign them in as another person.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    answer::{Answer, RefusalPage},
    failure::SignInFailure,
    journey::{Journeys, binding},
    wecom_redirect::{Attempt, Way},
};
use crate::{gate::Visit, kernel::failure::Result, wecom::model::Scanned};

/// How long the question stands.
const QUESTION_LIFETIME: Duration = Duration::from_secs(5 * 60);

/// What waits for a yes.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Question {
    attempt: Attempt,
    userid: String,
    binding: String,
}

/// What the page asks.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The portal's name.
    pub portal: String,
    /// The member's userid; names are not repeated to a browser that has proven nothing.
    pub userid: String,
}

fn question_key(token: &str) -> String {
    format!("question:{token}")
}

impl Journeys {
    pub(super) async fn ask_first(&self, attempt: &Attempt, scanned: Scanned) -> Result<Answer> {
        let Scanned::Member { userid, .. } = scanned else {
            return Err(SignInFailure::JourneyUnknown.into());
        };
        let cookie = self.deps.entropy.token().expose().clone();
        let token = self.deps.entropy.alphanumeric();
        let question = Question {
            attempt: attempt.clone(),
            userid,
            binding: binding(&cookie),
        };
        self.put_json(&question_key(&token), &question, QUESTION_LIFETIME)
            .await?;
        Ok(Answer::Confirm { cookie, token })
    }

    /// What the confirm page asks of this browser.
    ///
    /// # Errors
    /// `SI-101` when nothing waits under this token, `SI-103` in another browser.
    pub async fn asked(&self, token: &str, cookie: Option<&str>) -> Result<Asked> {
        let question = self.question(token, cookie).await?;
        let login_request = self.load(&question.attempt.journey).await?;
        Ok(Asked {
            portal: self.portal(&login_request).await?.name,
            userid: question.userid,
        })
    }

    /// The person said yes. The question is taken: it is answered once.
    ///
    /// # Errors
    /// As [`Journeys::asked`].
    pub async fn confirm(&self, token: &str, cookie: Option<&str>, previous: Option<&str>) -> Result<Answer> {
        let question = self.question(token, cookie).await?;
        let login_request = self.load(&question.attempt.journey).await?;
        if self.deps.ephemeral.take(&question_key(token)).await?.is_none() {
            return Err(SignInFailure::JourneyUnknown.into());
        }
        let scanned = Scanned::Member {
            userid: question.userid,
            user_ticket: None,
        };
        let visit = Visit::Scan {
            auth_source: question.attempt.auth_source,
            scanned: &scanned,
            portal: login_request.portal,
        };
        match self.deps.gate.admit(visit).await {
            Ok(permit) => self.sign_in(permit, Way::InApp, &login_request, previous).await,
            Err(denied) => Ok(Answer::Refused(RefusalPage::denied(denied, None))),
        }
    }

    async fn question(&self, token: &str, cookie: Option<&str>) -> Result<Question> {
        let question: Option<Question> = self.get_json(&question_key(token)).await?;
        let question = question.ok_or_else(|| SignInFailure::JourneyUnknown.failure())?;
        if cookie.is_none_or(|cookie| binding(cookie) != question.binding) {
            return Err(SignInFailure::OtherBrowser.into());
        }
        Ok(question)
    }
}
