//! Challenges that wait for their answer: kept sealed, on this side only, for five minutes, bound to where they were asked for, and taken by the
//! first who answers.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::ceremony::{Begun, State};
use crate::{
    crypto::digest::sha256_base64url,
    kernel::failure::Result,
    signin::{
        failure::PasskeyFailure,
        journey::Journeys,
        places::{Group, Places},
    },
    store::Shelf,
};

/// How long a person may take.
const LIFETIME: Duration = Duration::from_secs(5 * 60);
/// How many challenges of one place wait at the same time, or at the console from one network; beyond that the oldest is forgotten.
const WAITING: u64 = 8;
/// How many networks can have so many waiting at the console.
const NETWORKS: u64 = 64;
/// Seal context.
const SEAL_CONTEXT: &str = "signin.passkey-challenge";

#[derive(Serialize, Deserialize)]
struct Kept {
    /// Where it was asked for: the journey and the browser, or the session.
    place: String,
    state: State,
}

fn key(challenge: &str) -> String {
    format!("passkey:challenge:{}", sha256_base64url(challenge.as_bytes()))
}

impl Journeys {
    /// Keeps a challenge for who was asked at this place; returns what the browser is told.
    pub(super) async fn keep_challenge(
        &self,
        shelf: Shelf,
        (place, group): (String, Group<'_>),
        begun: Begun,
    ) -> Result<serde_json::Value> {
        let kept = Kept {
            place,
            state: begun.state,
        };
        let plain = serde_json::to_vec(&kept).map_err(|error| PasskeyFailure::Unfit.failure().cause(error))?;
        let sealed = self.deps.sealer.seal(SEAL_CONTEXT, &plain)?;
        let place = key(&begun.challenge);
        self.deps
            .ephemeral
            .put_on(shelf, &place, sealed.as_bytes(), LIFETIME)
            .await?;
        let places = Places {
            kind: "passkey",
            group,
            most: WAITING,
            networks: NETWORKS,
            lifetime: LIFETIME,
            shelf,
        };
        for earlier in self.put_in_place(places, &place).await? {
            self.deps.ephemeral.take(&earlier).await?;
        }
        Ok(begun.options)
    }

    /// Takes a challenge: of any number of answers one gets it. `None` when it is unknown, too old, answered, or was asked for elsewhere.
    pub(super) async fn take_challenge(&self, challenge: &str, place: &str) -> Result<Option<State>> {
        let Some(sealed) = self.deps.ephemeral.take(&key(challenge)).await? else {
            return Ok(None);
        };
        let opened = String::from_utf8(sealed)
            .ok()
            .map(|sealed| self.deps.sealer.open(SEAL_CONTEXT, &sealed));
        let Some(plain) = opened.transpose()? else {
            return Ok(None);
        };
        let kept: Option<Kept> = serde_json::from_slice(plain.expose()).ok();
        Ok(kept.filter(|kept| kept.place == place).map(|kept| kept.state))
    }
}
