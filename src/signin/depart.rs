//! Leaving for WeCom through a door: the QR page in a browser, silent OAuth inside the WeCom client.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    failure::SignInFailure,
    journey::{Journeys, binding},
};
use crate::{
    kernel::failure::Result,
    web::texts::Lang,
    wecom::login_url::{self, Scope},
};

/// How long a person may take at WeCom. WeCom's own code lives five minutes after the scan (reference 2.1).
pub const ATTEMPT_LIFETIME: Duration = Duration::from_secs(10 * 60);

/// By which of WeCom's front doors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Way {
    /// The web login page: a QR code, or one click when the desktop client runs.
    Web,
    /// OAuth inside the WeCom client: silent.
    InApp,
}

/// One departure, kept under its `state`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Attempt {
    /// Which journey.
    pub journey: String,
    /// Row id of the auth source.
    pub door: Uuid,
    /// Its corp ID, compared with `appid` in the callback when WeCom sends one.
    pub corp_id: String,
    /// By which front door.
    pub way: Way,
    /// Digest of the journey cookie of the browser that left.
    pub binding: String,
}

pub(super) fn attempt_key(state: &str) -> String {
    format!("attempt:{state}")
}

impl Journeys {
    /// Issues a `state` bound to this browser and answers WeCom's address to redirect to.
    ///
    /// # Errors
    /// `SI-101` for an unknown journey, `SI-106` for a door the portal does not accept.
    pub async fn depart(&self, journey: &str, door: Uuid, cookie: &str, (way, lang): (Way, Lang)) -> Result<String> {
        let wanted = self.load(journey).await?;
        let portal = self.portal(&wanted).await?;
        let door = portal
            .doors
            .into_iter()
            .find(|candidate| candidate.id == door)
            .ok_or_else(|| SignInFailure::UnknownDoor.failure())?;
        let state = self.parts.entropy.alphanumeric();
        let attempt = Attempt {
            journey: journey.to_owned(),
            door: door.id,
            corp_id: door.corp_id.clone(),
            way,
            binding: binding(cookie),
        };
        self.remember(&attempt_key(&state), &attempt, ATTEMPT_LIFETIME).await?;
        let endpoints = &self.parts.endpoints;
        let back = format!("{}/wecom/callback", self.parts.public_url);
        Ok(match way {
            Way::Web => {
                let lang = match lang {
                    Lang::Zh => login_url::Lang::Zh,
                    Lang::En => login_url::Lang::En,
                };
                login_url::web_login(endpoints, &door.corp_id, door.agent_id, &back, &state, lang)
            }
            Way::InApp => login_url::in_app(endpoints, &door.corp_id, door.agent_id, &back, &state, Scope::Base),
        })
    }
}
