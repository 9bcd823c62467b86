//! Use cases of notices: show them after a scan, list them for the account page.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::model::Notice;
use crate::{
    kernel::failure::Result,
    signin::{failure::SignInFailure, journey::Journeys},
};

/// How long the page can be opened.
const LIFETIME: Duration = Duration::from_secs(15 * 60);

/// Whose notices are to be shown before a sign-in goes on, as stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PendingNotice {
    user: Uuid,
    /// Local path where the sign-in goes on.
    pub return_to: String,
}

fn notice_key(token: &str) -> String {
    format!("notice:{token}")
}

impl Journeys {
    /// Where a person who just scanned goes: to the page of their unseen notices where there are some, else straight on.
    pub(in crate::signin) async fn past_notices(&self, user: Uuid, return_to: String) -> Result<String> {
        if self.store.notices(user, true).await?.is_empty() {
            return Ok(return_to);
        }
        let token = self.deps.entropy.hex_id();
        self.put_json(&notice_key(&token), &PendingNotice { user, return_to }, LIFETIME)
            .await?;
        Ok(format!("/signin/notice/{token}"))
    }

    /// The unseen notices behind this page, which count as seen from now on, to the browser of that person's session only.
    ///
    /// # Errors
    /// `SI-101` when the page is unknown or too old, `SI-103` in another browser.
    pub async fn take_notices(&self, token: &str, session: Option<&str>) -> Result<(Vec<Notice>, PendingNotice)> {
        let pending: Option<PendingNotice> = self.get_json(&notice_key(token)).await?;
        let pending = pending.ok_or_else(|| SignInFailure::JourneyUnknown.failure())?;
        let session = match session {
            Some(cookie) => self.deps.sessions.find(cookie).await?,
            None => None,
        };
        if session.is_none_or(|session| session.user != pending.user) {
            return Err(SignInFailure::OtherBrowser.into());
        }
        let unseen = self.store.notices(pending.user, true).await?;
        let (ids, notices): (Vec<Uuid>, Vec<Notice>) = unseen.into_iter().unzip();
        if !ids.is_empty() {
            self.store.mark_notices_seen(&ids, self.deps.clock.now()).await?;
        }
        Ok((notices, pending))
    }

    /// A person's notices of the last months, the newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn notices_of(&self, user: Uuid) -> Result<Vec<Notice>> {
        let notices = self.store.notices(user, false).await?;
        Ok(notices.into_iter().map(|(_, notice)| notice).collect())
    }
}
