//! Redirect to WeCom through an auth source: the QR page in a browser, silent OAuth inside the WeCom client.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    failure::SignInFailure,
    journey::{JOURNEY_LIFETIME, Journeys, binding},
    standing::Standing,
};
use crate::{
    kernel::{clock::Timestamp, failure::Result},
    web::texts::Lang,
    wecom::login_url::{self, Login, Scope},
};

/// How long a person may take at WeCom. WeCom's own code lives five minutes after the scan (reference 2.1).
pub const ATTEMPT_LIFETIME: Duration = Duration::from_secs(10 * 60);

/// Departures of one journey that may come back; with one more the earliest is forgotten. A journey open in two windows, or left by a double
/// click, needs two.
const DEPARTURES: u64 = 4;

/// Which of WeCom's login pages is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WecomLogin {
    /// The web login page: a QR code, or one click when the desktop client runs.
    Web,
    /// OAuth inside the WeCom client: silent.
    InApp,
}

/// How a browser is sent to WeCom.
#[derive(Clone, Copy, Debug)]
pub struct Departure {
    /// Which login page.
    pub way: WecomLogin,
    /// Its language.
    pub lang: Lang,
    /// Whether it is shown in a frame of the login page.
    pub panel: bool,
}

/// One redirect to WeCom, stored under its `state`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WecomAttempt {
    /// Id of the journey.
    pub journey: String,
    /// `client_id` of the portal, for the log and the audit log.
    #[serde(default)]
    pub client_id: String,
    /// Row id of the auth source. Stored under its former name, which replicas of an older build read.
    #[serde(rename = "door")]
    pub auth_source: Uuid,
    /// Its corp ID, compared with `appid` in the callback when WeCom sends one.
    pub corp_id: String,
    /// Which login page.
    pub way: WecomLogin,
    /// Digest of the journey cookie of the browser that was redirected.
    pub binding: String,
    /// For whom it is kept.
    #[serde(default)]
    pub standing: Standing,
    /// When the browser left.
    #[serde(default)]
    pub left_at: Option<Timestamp>,
}

pub(super) fn attempt_key(state: &str) -> String {
    format!("attempt:{state}")
}

pub(super) fn answer_key(state: &str) -> String {
    format!("answer:{state}")
}

impl Journeys {
    /// Issues a `state` bound to this browser and returns WeCom's address to redirect to.
    ///
    /// # Errors
    /// `SI-101` for an unknown journey, `SI-106` for an auth source the portal does not accept.
    pub async fn redirect_to_wecom(
        &self,
        journey: &str,
        auth_source: Uuid,
        cookie: &str,
        Departure { way, lang, panel }: Departure,
    ) -> Result<String> {
        let login_request = self.load(journey).await?;
        let portal = self.portal(&login_request).await?;
        let auth_source = portal
            .auth_sources
            .into_iter()
            .find(|candidate| candidate.id == auth_source)
            .ok_or_else(|| SignInFailure::UnknownAuthSource.failure())?;
        let (state, trial) = (self.deps.entropy.hex_id(), login_request.trial);
        let attempt = WecomAttempt {
            journey: journey.to_owned(),
            client_id: login_request.client_id,
            auth_source: auth_source.id,
            corp_id: auth_source.corp_id.clone(),
            way,
            binding: binding(cookie),
            standing: login_request.standing,
            left_at: Some(self.deps.clock.now()),
        };
        self.put_json_on(
            attempt.standing.shelf(),
            &attempt_key(&state),
            &attempt,
            ATTEMPT_LIFETIME,
        )
        .await?;
        self.forget_earlier_departure(&attempt, &state).await?;
        self.note_at_wecom(trial).await?;
        let endpoints = &self.deps.endpoints;
        let login = Login {
            corp_id: &auth_source.corp_id,
            agent_id: auth_source.agent_id,
            redirect_uri: &format!("{}/wecom/callback", self.deps.public_url),
            state: &state,
        };
        Ok(match way {
            WecomLogin::Web => {
                let lang = match lang {
                    Lang::Zh => login_url::Lang::Zh,
                    Lang::En => login_url::Lang::En,
                };
                match panel {
                    true => login_url::web_panel(endpoints, login, lang),
                    false => login_url::web_login(endpoints, login, lang),
                }
            }
            WecomLogin::InApp => login_url::in_app(endpoints, login, Scope::Base),
        })
    }

    /// Notes a departure in the next of the journey's [`DEPARTURES`] places, and forgets the one that had this place. So what is kept grows
    /// with the journeys, which were counted when they were begun, however often they are left.
    async fn forget_earlier_departure(&self, attempt: &WecomAttempt, state: &str) -> Result<()> {
        let (store, shelf) = (&self.deps.ephemeral, attempt.standing.shelf());
        let journey = &attempt.journey;
        let number = store
            .increment(&format!("departures:{journey}"), JOURNEY_LIFETIME)
            .await?;
        let place = format!("departed:{journey}:{}", number % DEPARTURES);
        let earlier = store.take(&place).await?;
        store.put_on(shelf, &place, state.as_bytes(), JOURNEY_LIFETIME).await?;
        if let Some(earlier) = earlier.and_then(|state| String::from_utf8(state).ok()) {
            // Without the attempt the state is unknown, so its answer is not needed any more to keep it from working twice.
            store.take(&attempt_key(&earlier)).await?;
            store.take(&answer_key(&earlier)).await?;
        }
        Ok(())
    }
}
