//! Challenges that wait for their answer: kept sealed, on this side only, for five minutes, bound to where they were asked for, and taken by the
//! first who answers.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::ceremony::{Begun, State};
use crate::{
    crypto::digest::sha256_base64url,
    kernel::failure::Result,
    signin::{failure::PasskeyFailure, journey::Journeys},
    store::Shelf,
};

/// How long a person may take.
const LIFETIME: Duration = Duration::from_secs(5 * 60);
/// How many challenges of one place, or of one journey from one address, wait at the same time; beyond that the oldest is forgotten, so that what is
/// kept grows neither with cookies nor with questions.
const WAITING: u64 = 8;
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
        (place, group): (String, &str),
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
        self.forget_earlier_challenge(shelf, group, &place).await?;
        Ok(begun.options)
    }

    /// Notes the key of a challenge in the next of the [`WAITING`] places of its group, and forgets the one that had this place.
    async fn forget_earlier_challenge(&self, shelf: Shelf, group: &str, key: &str) -> Result<()> {
        let (store, group) = (&self.deps.ephemeral, sha256_base64url(group.as_bytes()));
        let number = store.increment(&format!("passkey:asked:{group}"), LIFETIME).await?;
        let waits = format!("passkey:waits:{group}:{}", number % WAITING);
        let earlier = store.take(&waits).await?;
        store.put_on(shelf, &waits, key.as_bytes(), LIFETIME).await?;
        if let Some(earlier) = earlier.and_then(|key| String::from_utf8(key).ok()) {
            store.take(&earlier).await?;
        }
        Ok(())
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
