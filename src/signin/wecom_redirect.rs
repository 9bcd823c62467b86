//! Redirect to WeCom through an auth source: the QR page in a browser, silent OAuth inside the WeCom client.

use std::{net::IpAddr, time::Duration};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    failure::SignInFailure,
    journey::{JOURNEY_LIFETIME, Journeys, binding},
    places::{Group, Places},
    standing::Standing,
    store::AuthSource,
};
use crate::{
    gate::CONSOLE,
    kernel::{clock::Timestamp, failure::Result},
    web::{
        context::{self, Company},
        texts::Lang,
    },
    wecom::{
        login_url::{self, Login, Scope},
        model::ScannedIdentity,
    },
};

/// How long a person may take at WeCom. WeCom's own code lives five minutes after the scan (reference 2.1).
pub const ATTEMPT_LIFETIME: Duration = Duration::from_secs(10 * 60);

/// Departures of one journey that may come back; with one more the earliest is forgotten. A journey open in two windows, or left by a double
/// click, needs two.
const DEPARTURES: u64 = 4;

/// The same of a journey to the console, which is everybody's, from one network: that of an office.
const DEPARTURES_TO_CONSOLE: u64 = 32;

/// How many networks can have so many departures to the console.
const NETWORKS: u64 = 8;

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
    /// The client's address.
    pub address: Option<IpAddr>,
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
    /// Names that corp in the mode of the app; empty in what was begun before this was kept.
    #[serde(default)]
    pub corp_key: String,
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

/// What a browser leaves with.
struct Left {
    auth_source: AuthSource,
    redirect_uri: String,
    state: String,
}

impl Left {
    fn login(&self) -> Login<'_> {
        Login {
            corp_id: &self.auth_source.corp_id,
            agent_id: self.auth_source.agent_id,
            suite_id: self.auth_source.suite_id.as_deref(),
            redirect_uri: &self.redirect_uri,
            state: &self.state,
        }
    }
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
        departure: Departure,
    ) -> Result<String> {
        let left = self.depart(journey, auth_source, cookie, departure).await?;
        let (endpoints, login) = (&self.deps.endpoints, left.login());
        Ok(match departure.way {
            WecomLogin::Web => login_url::web_login(endpoints, login, language(departure.lang)),
            WecomLogin::InApp => login_url::in_app(endpoints, login, Scope::Base),
        })
    }

    /// The same by the panel on the login page: what WeCom's script is to be called with.
    ///
    /// # Errors
    /// As [`Journeys::redirect_to_wecom`].
    pub async fn panel_to_wecom(
        &self,
        journey: &str,
        auth_source: Uuid,
        cookie: &str,
        departure: Departure,
    ) -> Result<Vec<(&'static str, String)>> {
        let left = self.depart(journey, auth_source, cookie, departure).await?;
        Ok(login_url::web_panel(left.login(), language(departure.lang)))
    }

    async fn depart(
        &self,
        journey: &str,
        auth_source: Uuid,
        cookie: &str,
        Departure { way, address, .. }: Departure,
    ) -> Result<Left> {
        let login_request = self.load(journey).await?;
        let portal = self.portal(&login_request).await?;
        let auth_source = portal
            .auth_sources
            .into_iter()
            .find(|candidate| candidate.id == auth_source)
            .ok_or_else(|| SignInFailure::UnknownAuthSource.failure())?;
        context::company(|| Company::Corp(auth_source.corp_key.clone()));
        let (state, trial) = (self.deps.entropy.hex_id(), login_request.trial);
        let attempt = WecomAttempt {
            journey: journey.to_owned(),
            client_id: login_request.client_id,
            auth_source: auth_source.id,
            corp_id: auth_source.corp_id.clone(),
            corp_key: auth_source.corp_key.clone(),
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
        let (group, most) = match login_request.portal {
            CONSOLE => (Group::Everybody(journey, address), DEPARTURES_TO_CONSOLE),
            _ => (Group::One(journey), DEPARTURES),
        };
        self.forget_earlier_departure(attempt.standing, &state, (group, most))
            .await?;
        self.note_at_wecom(trial).await?;
        Ok(Left {
            auth_source,
            redirect_uri: format!("{}/wecom/callback", self.deps.public_url),
            state,
        })
    }

    /// Notes a departure in the next of the places of its journey, and forgets the one that had this place.
    async fn forget_earlier_departure(
        &self,
        standing: Standing,
        state: &str,
        (group, most): (Group<'_>, u64),
    ) -> Result<()> {
        let places = Places {
            kind: "departure",
            group,
            most,
            networks: NETWORKS,
            lifetime: JOURNEY_LIFETIME,
            shelf: standing.shelf(),
        };
        for earlier in self.put_in_place(places, state).await? {
            // Without the attempt the state is unknown, so its answer is not needed any more to keep it from working twice.
            self.deps.ephemeral.take(&attempt_key(&earlier)).await?;
            self.deps.ephemeral.take(&answer_key(&earlier)).await?;
        }
        Ok(())
    }
}

/// The way that was really taken. A `state` from a QR page can be carried into silent OAuth, which needs no phone: then the WeCom client itself
/// opens the callback, or the exchange yields a `user_ticket`, which the web login never does (reference 2.1, 2.4). What is doubtful counts as
/// the weaker way; a `state` issued inside the WeCom client never counts as more.
pub(super) fn proven_way(issued: WecomLogin, in_wecom: bool, scanned: &ScannedIdentity) -> WecomLogin {
    let ticket = matches!(
        scanned,
        ScannedIdentity::Member {
            user_ticket: Some(_),
            ..
        }
    );
    if in_wecom || ticket { WecomLogin::InApp } else { issued }
}

/// The language of WeCom's page.
const fn language(lang: Lang) -> login_url::Lang {
    match lang {
        Lang::Zh => login_url::Lang::Zh,
        Lang::En => login_url::Lang::En,
    }
}
