//! Use cases of trials: make one, open it, look at it, and keep what came of it, once.
//!
//! A trial lies in the ephemeral store under its id, and under the digest of its secret token, which leads to the id. What came of it is
//! put beside it by `put_new`: of any number of parallel ends one is kept.

use uuid::Uuid;

use super::model::{KEPT, LIFETIME, Made, NewTrial, Outcome, Stage, Trial, TrialState, TrialStatus, state};
use crate::{
    audit::{Kind, Record},
    crypto::digest::sha256_base64url,
    kernel::failure::Result,
    signin::{
        failure::SignInFailure,
        journey::{Journeys, LoginRequest},
        standing::{Standing, Visitor},
    },
    store::Shelf,
    web::context,
};

/// Trials that one admin may make in [`LIFETIME`].
const MOST: u64 = 30;

const SEAL_CONTEXT: &str = "signin.trial";

fn trial_key(id: Uuid) -> String {
    format!("trial:{id}")
}

fn token_key(token: &str) -> String {
    format!("trial:token:{}", sha256_base64url(token.as_bytes()))
}

fn stage_key(id: Uuid) -> String {
    format!("trial:stage:{id}")
}

fn outcome_key(id: Uuid) -> String {
    format!("trial:outcome:{id}")
}

fn passing_key(id: Uuid) -> String {
    format!("trial:passing:{id}")
}

/// Where the address of a trial leads.
pub enum OpenedTrial {
    /// To its journey, at this local path.
    Journey(String),
    /// It is over: what came of it.
    Over(Box<TrialStatus>),
}

/// What a trial is begun for in a browser; all browsers that open it share the journey.
fn login_request(trial: &Trial) -> LoginRequest {
    LoginRequest {
        // Nobody is sent there: a trial ends on a page of its own.
        return_to: "/".to_owned(),
        portal: trial.client,
        client_id: trial.client_id.clone(),
        ui_locales: None,
        acr: trial.acr.clone(),
        acr_essential: false,
        standing: Standing::default(),
        begun_at: None,
        trace: None,
        trial: Some(trial.id),
    }
}

impl Journeys {
    /// Makes a trial of a sign-in at a portal.
    ///
    /// # Errors
    /// `SI-212` when this admin made too many; when a store does not answer.
    pub async fn make_trial(&self, actor: &str, wanted: NewTrial<'_>) -> Result<Made> {
        let (deps, now) = (&self.deps, self.deps.clock.now());
        let made = format!("trials:{}", sha256_base64url(actor.as_bytes()));
        if deps.ephemeral.increment(&made, LIFETIME).await? > MOST {
            deps.ephemeral.decrement(&made).await?;
            return Err(SignInFailure::TooManyTrials.into());
        }
        // Random as a whole: the address of its journey is made of it, and of an ordinary id half is a count.
        let id = uuid::Builder::from_random_bytes(deps.entropy.bytes()).into_uuid();
        let token = deps.entropy.token();
        let place = |address: &str| address.replace(super::model::ID_PLACE, &id.to_string());
        let trial = Trial {
            id,
            client: wanted.client,
            client_id: wanted.client_id.to_owned(),
            made_by: actor.to_owned(),
            acr: wanted.acr,
            return_to: wanted.return_to.map(place),
            expires_at: now.plus(LIFETIME),
        };
        let detail = serde_json::json!({ "trial": id });
        self.note_trial(Kind::TrialBegun, actor.to_owned(), &trial.client_id, detail)
            .await?;
        let shelf = Shelf::Proven;
        self.put_json_on(shelf, &trial_key(id), &trial, KEPT).await?;
        self.put_json_on(shelf, &token_key(token.expose()), &id, KEPT).await?;
        Ok(Made {
            id,
            url: format!("{}/signin/trial/{}", deps.public_url, token.expose()),
            expires_at: trial.expires_at.millis(),
        })
    }

    /// Opens the address of a trial: begins its journey, or goes on with it, unless it is over.
    ///
    /// # Errors
    /// `SI-211` for one that is unknown or too old, `WB-106` as for any sign-in that is begun.
    pub async fn open_trial(&self, token: &str, visitor: &Visitor<'_>) -> Result<OpenedTrial> {
        let id: Option<Uuid> = match token.len() {
            43 => self.get_json(&token_key(token)).await?,
            _ => None,
        };
        let id = id.ok_or_else(|| SignInFailure::TrialUnknown.failure())?;
        let status = self.trial_status(id).await?;
        let status = status.ok_or_else(|| SignInFailure::TrialUnknown.failure())?;
        context::portal(&status.trial.client_id);
        match status.state {
            TrialState::Permitted | TrialState::Refused | TrialState::Expired => {
                Ok(OpenedTrial::Over(Box::new(status)))
            }
            TrialState::Waiting | TrialState::Opened | TrialState::AtWecom => {
                let journey = self.begin_for(login_request(&status.trial), visitor).await?;
                let (key, stage) = (stage_key(id), Stage::Opened.word().as_bytes());
                // Whoever opens it again takes nobody back who is at WeCom.
                self.deps.ephemeral.put_new_on(Shelf::Proven, &key, stage, KEPT).await?;
                Ok(OpenedTrial::Journey(journey))
            }
        }
    }

    /// A trial and what came of it; `None`: there is none, or it is not kept any more.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn trial_status(&self, id: Uuid) -> Result<Option<TrialStatus>> {
        let Some(trial) = self.trial(id).await? else {
            return Ok(None);
        };
        let outcome = self.sealed_outcome(&outcome_key(id)).await?;
        let passing = match outcome {
            None => self.sealed_outcome(&passing_key(id)).await?,
            Some(_) => None,
        };
        let stage = self.deps.ephemeral.get(&stage_key(id)).await?;
        let stage = stage.and_then(|word| Stage::of(&word));
        Ok(Some(TrialStatus {
            state: state(&trial, outcome.as_ref(), stage, self.deps.clock.now()),
            trial,
            outcome,
            passing,
        }))
    }

    async fn sealed_outcome(&self, key: &str) -> Result<Option<Outcome>> {
        let Some(sealed) = self.deps.ephemeral.get(key).await? else {
            return Ok(None);
        };
        let plain = self.deps.sealer.open(SEAL_CONTEXT, &String::from_utf8_lossy(&sealed))?;
        let outcome = serde_json::from_slice(plain.expose());
        Ok(Some(
            outcome.map_err(|error| SignInFailure::TrialUnknown.failure().cause(error))?,
        ))
    }

    fn seal_outcome(&self, outcome: &Outcome) -> Result<String> {
        let plain = serde_json::to_vec(outcome).unwrap_or_default();
        self.deps.sealer.seal(SEAL_CONTEXT, &plain)
    }

    async fn trial(&self, id: Uuid) -> Result<Option<Trial>> {
        self.get_json(&trial_key(id)).await
    }

    /// Whether a journey can be gone on with, as far as the trial matters that it may be.
    ///
    /// # Errors
    /// `SI-210` when the trial is over, `SI-211` when it is too old.
    pub(in crate::signin) async fn check_trial(&self, login_request: &LoginRequest) -> Result<()> {
        let Some(id) = login_request.trial else { return Ok(()) };
        let trial = self.trial(id).await?;
        let trial = trial.ok_or_else(|| SignInFailure::TrialUnknown.failure())?;
        if self.deps.ephemeral.get(&outcome_key(id)).await?.is_some() {
            return Err(SignInFailure::TrialOver.into());
        }
        match self.deps.clock.now() < trial.expires_at {
            true => Ok(()),
            false => Err(SignInFailure::TrialUnknown.into()),
        }
    }

    /// Notes that a browser was sent to WeCom, where its journey is a trial.
    pub(in crate::signin) async fn note_at_wecom(&self, trial: Option<Uuid>) -> Result<()> {
        let Some(id) = trial else { return Ok(()) };
        let (key, stage) = (stage_key(id), Stage::AtWecom.word().as_bytes());
        self.deps.ephemeral.take(&passing_key(id)).await?;
        self.deps.ephemeral.put_on(Shelf::Proven, &key, stage, KEPT).await
    }

    /// Notes what failed in a trial that goes on.
    pub(super) async fn note_passing(&self, id: Uuid, outcome: &Outcome) -> Result<()> {
        let (key, sealed) = (passing_key(id), self.seal_outcome(outcome)?);
        let ephemeral = &self.deps.ephemeral;
        ephemeral.put_on(Shelf::Proven, &key, sealed.as_bytes(), KEPT).await
    }

    /// Keeps what came of a trial; true for the one whose outcome it is.
    pub(super) async fn end_trial(&self, id: Uuid, outcome: &Outcome) -> Result<bool> {
        let in_time = |trial: &Trial| self.deps.clock.now() < trial.expires_at;
        let Some(trial) = self.trial(id).await?.filter(in_time) else {
            return Ok(false);
        };
        let sealed = self.seal_outcome(outcome)?;
        // The race this closes: several people at one trial. The first end is the outcome, for good.
        let (ephemeral, key) = (&self.deps.ephemeral, outcome_key(id));
        let first = ephemeral
            .put_new_on(Shelf::Proven, &key, sealed.as_bytes(), KEPT)
            .await?;
        if first {
            let failure = outcome.failure.as_ref();
            let user = outcome.user.as_ref().map(|user| user.id);
            let actor = user.map_or_else(|| "unknown".to_owned(), |user| format!("user:{user}"));
            let detail = serde_json::json!({
                "trial": id,
                "made_by": trial.made_by,
                "outcome": if failure.is_none() { "permitted" } else { "refused" },
                "failure": failure.map(|failure| &failure.number),
                "told_as": failure.map(|failure| &failure.reference),
                "who": outcome.who,
                "user_id": user,
                "auth_source": outcome.auth_source,
                "data_source_id": outcome.data_source,
            });
            self.note_trial(Kind::TrialEnded, actor, &trial.client_id, detail)
                .await?;
        }
        Ok(first)
    }

    async fn note_trial(&self, kind: Kind, actor: String, client_id: &str, detail: serde_json::Value) -> Result<()> {
        let record = Record {
            kind,
            actor,
            subject: format!("client:{client_id}"),
            reference: None,
            number: None,
            detail,
        };
        let (entropy, now) = (&self.deps.entropy, self.deps.clock.now());
        Ok(self.store.record(entropy, now, record).await?)
    }

    /// The page of the console that the trial leads back to, for whoever has a session and a console role.
    pub async fn way_to_console(&self, trial: Option<Uuid>, session: Option<&str>) -> Option<String> {
        let place = self.trial(trial?).await.ok()??.return_to?;
        let session = self.deps.sessions.find(session?).await.ok()??;
        let account = self.store.account_of(session.user).await.ok()??;
        account.console_user.then_some(place)
    }
}
