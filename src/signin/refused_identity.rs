//! Whom WeCom proved to a browser whose sign-in was refused because nobody imported them: kept for a while, sealed, and given to that browser
//! alone, so that they can ask to be let in by the proof of their scan and by nothing else.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    journey::{Journeys, binding},
    wecom_redirect::{WecomAttempt, WecomLogin},
};
use crate::{
    crypto::digest::sha256_base64url,
    gate::{Denied, failure::GateFailure},
    kernel::{clock::Timestamp, failure::Result},
};

/// How long the proof of a scan counts.
pub const LIFETIME: Duration = Duration::from_secs(10 * 60);

const SEAL_CONTEXT: &str = "signin.refused_identity";

/// Where somebody asks to be let in, below it the id of their journey.
pub const PLACE: &str = "/access-request/";

/// Whom WeCom proved.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RefusedIdentity {
    /// Row id of the data source.
    pub data_source: Uuid,
    /// WeCom corp ID.
    pub corp_id: String,
    /// As WeCom wrote it.
    pub userid: String,
    /// Inside the WeCom client, not by its web login.
    pub in_app: bool,
    /// Row id of the portal they wanted to enter.
    pub portal: Uuid,
    /// When WeCom said so.
    pub at: Timestamp,
}

fn is_not_imported(denied: &Denied) -> bool {
    matches!(denied, Denied::Refused(refusal) if matches!(refusal.reason, GateFailure::NotImported))
}

fn key(journey: &str, binding: &str) -> String {
    format!(
        "refused:{}",
        sha256_base64url(format!("{journey}\n{binding}").as_bytes())
    )
}

impl Journeys {
    /// Keeps the proof of a scan where the member may ask to be let in, and answers the local path where they do. `None`: they were refused
    /// for another reason, or this corp takes no requests.
    pub(super) async fn offer_to_apply(
        &self,
        (attempt, in_wecom): (&WecomAttempt, bool),
        denied: &Denied,
        (portal, userid): (Option<Uuid>, &str),
    ) -> Option<String> {
        if !is_not_imported(denied) {
            return None;
        }
        let identity = (userid, in_wecom || attempt.way == WecomLogin::InApp);
        let kept = self.keep_refused(attempt, portal?, identity).await;
        // Whoever is refused is told so, whether they can be offered more or not.
        kept.unwrap_or_else(|failure| {
            tracing::warn!(%failure, "the proof of a refused scan could not be kept");
            None
        })
    }

    /// Whether somebody who was refused so could ask to be let in. Where that cannot be found out they cannot.
    pub(super) async fn may_ask_to_come_in(&self, attempt: &WecomAttempt, denied: &Denied) -> bool {
        if !is_not_imported(denied) {
            return false;
        }
        let taken = self.taken_by(attempt).await;
        taken.is_ok_and(|source| source.is_some())
    }

    /// Row id of the data source that takes requests of this attempt's corp. `None`: there is none, or it is a trial.
    async fn taken_by(&self, attempt: &WecomAttempt) -> Result<Option<Uuid>> {
        let journey = self.kept(&attempt.journey).await?;
        if journey.is_none_or(|journey| journey.trial.is_some()) {
            return Ok(None);
        }
        Ok(self
            .store
            .takes_requests(attempt.auth_source, &attempt.corp_key)
            .await?)
    }

    async fn keep_refused(
        &self,
        attempt: &WecomAttempt,
        portal: Uuid,
        (userid, in_app): (&str, bool),
    ) -> Result<Option<String>> {
        let Some(data_source) = self.taken_by(attempt).await? else {
            return Ok(None);
        };
        let identity = RefusedIdentity {
            data_source,
            corp_id: attempt.corp_id.clone(),
            userid: userid.to_owned(),
            in_app,
            portal,
            at: self.deps.clock.now(),
        };
        let plain = serde_json::to_vec(&identity).unwrap_or_default();
        let sealed = self.deps.sealer.seal(SEAL_CONTEXT, &plain)?;
        let (key, shelf) = (key(&attempt.journey, &attempt.binding), attempt.standing.shelf());
        let ephemeral = &self.deps.ephemeral;
        ephemeral.put_on(shelf, &key, sealed.as_bytes(), LIFETIME).await?;
        Ok(Some(format!("{PLACE}{}", attempt.journey)))
    }

    /// Whom WeCom proved to this browser on this journey a short while ago. `None`: nobody, or it is another browser, or too long ago.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn refused_identity(&self, journey: &str, cookie: Option<&str>) -> Result<Option<RefusedIdentity>> {
        let Some(cookie) = cookie else { return Ok(None) };
        let sealed = self.deps.ephemeral.get(&key(journey, &binding(cookie))).await?;
        let Some(sealed) = sealed.and_then(|sealed| String::from_utf8(sealed).ok()) else {
            return Ok(None);
        };
        let plain = self.deps.sealer.open(SEAL_CONTEXT, &sealed)?;
        let identity: Option<RefusedIdentity> = serde_json::from_slice(plain.expose()).ok();
        let now = self.deps.clock.now();
        Ok(identity.filter(|identity| now.since(identity.at) < LIFETIME))
    }
}
