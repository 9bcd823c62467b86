//! The return from WeCom's consent page. The first request with a `state` is worked on, once; whatever comes of it, the browser goes on to
//! where it was going, and so does a duplicate.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::offer::{LIFETIME, Offer, key};
use crate::{
    audit::{Kind, Record},
    directory::{
        private_fields::{Answer, Askable, found, store},
        store::audited_transaction::Change,
    },
    kernel::{
        clock::Timestamp,
        failure::{Failure, Result},
    },
    signin::{failure::SignInFailure, journey::Journeys},
    web::context,
    wecom::{failure::is_not_visible, model::ScannedIdentity},
};

/// After this long without a result the first request must have died.
const ANSWER_WAIT: Duration = Duration::from_secs(30);

/// Longest code of WeCom's, bytes (reference 2.1).
const LONGEST_CODE: usize = 512;

/// Query parameters of WeCom's redirect.
#[derive(Debug, Deserialize)]
pub struct Returned {
    /// Single-use code; absent when the person declined.
    pub code: Option<String>,
    /// The `state` we issued.
    pub state: Option<String>,
    /// Corp ID, if WeCom sends it (uncertain).
    pub appid: Option<String>,
}

/// What the browser does now.
#[derive(Debug, PartialEq, Eq)]
pub enum WentOn {
    /// It goes to this local path.
    To(String),
    /// The first request with this `state` is still being worked on.
    InProgress,
}

/// What the first request leaves for duplicates.
#[derive(Serialize, Deserialize)]
struct Progress {
    at: Timestamp,
    done: bool,
}

impl Journeys {
    /// Answers WeCom's redirect.
    ///
    /// # Errors
    /// `SI-102` for a `state` that is unknown or too old. Nothing else: the sign-in it belongs to goes on.
    pub async fn private_fields_returned(&self, returned: Returned, cookie: Option<&str>) -> Result<WentOn> {
        let token = returned.state.clone().unwrap_or_default();
        let offer: Option<Offer> = self.get_json(&key(&token)).await?;
        let offer = offer.ok_or_else(|| SignInFailure::StateUnknown.failure())?;
        context::portal(&offer.purpose.client_id);
        let to = offer.purpose.return_to.clone();
        // In another browser than the person's, what WeCom says is nobody's here; they sign in, and the request goes on.
        if !self.is_offered_to(&offer, cookie).await? {
            return Ok(WentOn::To(to));
        }
        let progress = format!("private-fields-returned:{token}");
        let begun = Progress {
            at: self.deps.clock.now(),
            done: false,
        };
        // The race this closes: two requests with one state. What is left outlives the offer, so a state never works twice.
        let json = serde_json::to_vec(&begun).unwrap_or_default();
        if !self.deps.ephemeral.put_new(&progress, &json, LIFETIME * 2).await? {
            let left: Option<Progress> = self.get_json(&progress).await?;
            let now = self.deps.clock.now();
            let working = left.is_some_and(|left| !left.done && now.since(left.at) < ANSWER_WAIT);
            return Ok(if working { WentOn::InProgress } else { WentOn::To(to) });
        }
        if let Err(failure) = self.answered(&offer, returned).await {
            tracing::warn!(%failure, "private fields were asked for in vain; the sign-in goes on");
            self.record_failure(&offer, &failure).await;
            if let Err(failure) = self.note_answer(&offer, Answer::Failed).await {
                tracing::warn!(%failure, "what became of asking for private fields could not be noted");
            }
        }
        let done = Progress { done: true, ..begun };
        if let Err(failure) = self.put_json(&progress, &done, LIFETIME * 2).await {
            tracing::warn!(%failure, "the answer about private fields could not be left for duplicates");
        }
        Ok(WentOn::To(to))
    }

    /// Works on what WeCom answered.
    async fn answered(&self, offer: &Offer, returned: Returned) -> Result<()> {
        let Some(person) = store::askable(self.deps.database.reader(), offer.session).await? else {
            return Ok(());
        };
        let Some((credential, _)) = self.asking_app(person.auth_source).await? else {
            return Ok(());
        };
        // A userid says who somebody is within one corp alone.
        // Which corp is meant, a service provider's app knows by another name: of whom the code is, its exchange tells.
        let told = returned.appid.as_ref().filter(|_| credential.suite.is_none());
        let corps = [Some(&offer.corp_id), Some(&person.corp_id), told];
        if corps.into_iter().flatten().any(|corp| *corp != credential.corp_id) {
            return Err(SignInFailure::ForeignAppId.into());
        }
        let Some(code) = returned.code.filter(|code| !code.is_empty()) else {
            return self.note_answer(offer, Answer::Declined).await;
        };
        if code.len() > LONGEST_CODE {
            return Err(SignInFailure::CallbackMalformed.into());
        }
        let ticket = match self.deps.wecom.exchange_code(&credential, &code).await? {
            ScannedIdentity::Member { userid, user_ticket } if is_of(&person, &userid) => user_ticket,
            _ => return Err(SignInFailure::ForeignDetails.into()),
        };
        // The scope was degraded: they declined, or the app may not ask (reference 2.4, 3.1).
        let Some(ticket) = ticket else {
            return self.note_answer(offer, Answer::Withheld).await;
        };
        let detail = match self.deps.wecom.user_detail(&credential, &ticket).await {
            // The app may not see them, and tomorrow it may not either.
            Err(error) if is_not_visible(&error) => return self.note_answer(offer, Answer::Withheld).await,
            detail => detail?,
        };
        if !is_of(&person, &detail.userid) {
            return Err(SignInFailure::ForeignDetails.into());
        }
        let values = found(detail, &person.email_sources);
        if offer.fields.iter().all(|field| !values.values.contains_key(field)) {
            return self.note_answer(offer, Answer::Withheld).await;
        }
        let (entropy, now) = (&self.deps.entropy, self.deps.clock.now());
        let actor = format!("user:{}", offer.user);
        let change = Change::begin(&self.deps.database, entropy, now, &actor).await?;
        let given = store::take(change, &person, &offer.fields, values).await?;
        tracing::info!(user = %offer.user, given = given.is_some(), "private fields were given by consent");
        Ok(())
    }

    async fn note_answer(&self, offer: &Offer, answer: Answer) -> Result<()> {
        let at = self.deps.clock.now();
        Ok(store::note(self.deps.database.writer(), offer.user, &offer.fields, (answer, at)).await?)
    }

    /// Leaves the failure in the audit log, since the person is shown nothing of it.
    async fn record_failure(&self, offer: &Offer, failure: &Failure) {
        let record = Record {
            kind: Kind::Failed,
            actor: format!("user:{}", offer.user),
            subject: format!("user:{}", offer.user),
            reference: None,
            number: Some(failure.entry.number),
            detail: json!({
                "client_id": offer.purpose.client_id,
                "private_fields": offer.fields,
            }),
        };
        let now = self.deps.clock.now();
        let recorded = self.store.record(&self.deps.entropy, now, record);
        if let Err(failure) = recorded.await {
            tracing::warn!(%failure, "a failure of asking for private fields could not be recorded");
        }
    }
}

/// Whether this is the userid of the member who is signed in.
fn is_of(person: &Askable, userid: &str) -> bool {
    userid.to_lowercase() == person.userid_key
}
