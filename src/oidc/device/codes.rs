//! Device codes and user codes in the ephemeral store. A device code is a bearer secret and is stored under its digest; the user code
//! maps to that digest while nobody has decided.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    failure::DeviceFailure,
    model::{DeviceCodeState, DeviceRequest, INTERVAL, LIFETIME},
    user_code::UserCode,
};
use crate::{
    crypto::digest::sha256_base64url,
    kernel::{clock::Timestamp, entropy::Entropy, failure::Result, secret::Secret},
    store::Ephemeral,
};

/// How long a record is kept: beyond its life, so that a late poll gets `expired_token` and a late replay is detected as reuse.
const REMEMBERED: Duration = Duration::from_secs(20 * 60);
/// Tries at finding an unused user code; with thousands pending among 20^8 the first one does.
const TRIES: usize = 8;
/// Tolerance before `slow_down`, for clocks and networks that are a little uneven.
const GRACE: Duration = Duration::from_secs(1);

/// The device codes of this provider.
#[derive(Clone)]
pub struct DeviceCodes {
    ephemeral: Ephemeral,
}

/// When a device polled last, and how long it has to wait.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Pace {
    last: Option<Timestamp>,
    interval: u64,
}

impl DeviceCodes {
    /// Device codes in this store.
    pub const fn new(ephemeral: Ephemeral) -> Self {
        Self { ephemeral }
    }

    /// Stores the request of the device code `secret`, under a user code that no pending one has.
    ///
    /// # Errors
    /// When the store does not answer; so for all here.
    pub async fn issue(&self, secret: &Secret<String>, asked: DeviceRequest, entropy: &Entropy) -> Result<UserCode> {
        let digest = sha256_base64url(secret.expose().as_bytes());
        self.ephemeral
            .put_json(&record(&digest), &DeviceCodeState::Pending(asked), REMEMBERED)
            .await?;
        let pace = Pace {
            last: None,
            interval: INTERVAL,
        };
        self.ephemeral.put_json(&pace_of(&digest), &pace, REMEMBERED).await?;
        for _ in 0..TRIES {
            let code = UserCode::random(entropy);
            if self
                .ephemeral
                .put_new(&user(&code), digest.as_bytes(), LIFETIME)
                .await?
            {
                return Ok(code);
            }
        }
        Err(DeviceFailure::TooManyDevices.into())
    }

    /// The state of a device code; consumes nothing.
    ///
    /// # Errors
    /// See [`DeviceCodes::issue`].
    pub async fn peek(&self, secret: &str) -> Result<Option<DeviceCodeState>> {
        let digest = sha256_base64url(secret.as_bytes());
        self.ephemeral.get_json(&record(&digest)).await
    }

    /// The request of the device that shows this user code, while nobody has decided.
    ///
    /// # Errors
    /// See [`DeviceCodes::issue`].
    pub async fn find_pending(&self, code: &UserCode, now: Timestamp) -> Result<Option<DeviceRequest>> {
        let Some(digest) = text(self.ephemeral.get(&user(code)).await?) else {
            return Ok(None);
        };
        let found = self.ephemeral.get_json(&record(&digest)).await?;
        Ok(match found {
            Some(DeviceCodeState::Pending(asked)) if asked.expires > now => Some(asked),
            _ => None,
        })
    }

    /// Writes a person's answer; false when somebody else's came first or it is too late. Taking the user code out of the store decides:
    /// of any number of parallel answers one gets it, and only that one changes the pending record.
    ///
    /// # Errors
    /// See [`DeviceCodes::issue`].
    pub async fn decide(&self, code: &UserCode, answer: &DeviceCodeState) -> Result<bool> {
        let Some(digest) = text(self.ephemeral.take(&user(code)).await?) else {
            return Ok(false);
        };
        let before = self
            .ephemeral
            .exchange_json(&record(&digest), answer, REMEMBERED)
            .await?;
        Ok(matches!(before, Some(DeviceCodeState::Pending(_))))
    }

    /// Exchanges the record for a tombstone and returns the state before: of any number of parallel callers exactly one gets
    /// [`DeviceCodeState::Approved`], because the exchange is one atomic step on both stores.
    ///
    /// # Errors
    /// See [`DeviceCodes::issue`].
    pub async fn redeem(&self, secret: &str, (client, grant): (Uuid, Uuid)) -> Result<Option<DeviceCodeState>> {
        let digest = sha256_base64url(secret.as_bytes());
        let tombstone = DeviceCodeState::Spent { client, grant };
        self.ephemeral
            .exchange_json(&record(&digest), &tombstone, REMEMBERED)
            .await
    }

    /// Puts an approved code back whose tokens could not be issued, in place of its tombstone.
    ///
    /// # Errors
    /// See [`DeviceCodes::issue`].
    pub async fn put_back(&self, secret: &str, approved: DeviceCodeState) -> Result<()> {
        let digest = sha256_base64url(secret.as_bytes());
        let place = record(&digest);
        self.ephemeral
            .exchange_json(&place, &approved, REMEMBERED)
            .await
            .map(drop)
    }

    /// Records a poll; true when it came too soon (`slow_down`), and then the interval is longer from now on (RFC 8628 §3.5). Of parallel
    /// polls one finds the time of the poll before, the others the time of that one.
    ///
    /// # Errors
    /// See [`DeviceCodes::issue`].
    pub async fn too_soon(&self, secret: &str, now: Timestamp) -> Result<bool> {
        let key = pace_of(&sha256_base64url(secret.as_bytes()));
        let unknown = Pace {
            last: None,
            interval: INTERVAL,
        };
        let interval = self.ephemeral.get_json(&key).await?.unwrap_or(unknown).interval;
        let noted = Pace {
            last: Some(now),
            interval,
        };
        let before = self
            .ephemeral
            .exchange_json(&key, &noted, REMEMBERED)
            .await?
            .unwrap_or(unknown);
        let wait = Duration::from_secs(before.interval);
        let soon = before
            .last
            .is_some_and(|last| now.since(last).saturating_add(GRACE) < wait);
        if soon {
            let slower = Pace {
                last: Some(now),
                interval: before.interval.saturating_add(INTERVAL),
            };
            self.ephemeral.put_json(&key, &slower, REMEMBERED).await?;
        }
        Ok(soon)
    }
}

fn record(digest: &str) -> String {
    format!("device:{digest}")
}

fn pace_of(digest: &str) -> String {
    format!("device-pace:{digest}")
}

fn user(code: &UserCode) -> String {
    format!("device-user:{}", code.bare())
}

fn text(value: Option<Vec<u8>>) -> Option<String> {
    String::from_utf8(value?).ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::future::join_all;
    use uuid::Uuid;

    use super::DeviceCodes;
    use crate::{
        kernel::{
            clock::{Clock, Timestamp},
            entropy::Entropy,
        },
        oidc::{
            device::model::{DeviceCodeState, DeviceRequest},
            terms::GrantTerms,
        },
        store::Ephemeral,
    };

    const CLIENT: Uuid = Uuid::from_u128(1);

    fn denied(expires: Timestamp) -> DeviceCodeState {
        DeviceCodeState::Denied {
            client: CLIENT,
            expires,
        }
    }

    #[tokio::test]
    async fn one_answer_counts_and_one_exchange_wins() {
        let clock = Clock::manual(Timestamp::from_secs(1000));
        let codes = DeviceCodes::new(Ephemeral::memory(clock.clone()));
        let entropy = Entropy::seeded(1);
        let secret = entropy.token();
        let expires = clock.now().plus(Duration::from_secs(600));
        let asked = DeviceRequest {
            client: CLIENT,
            scope: "openid".to_owned(),
            terms: GrantTerms::default(),
            at: clock.now(),
            from: None,
            expires,
        };
        let code = codes.issue(&secret, asked, &entropy).await.unwrap();
        assert!(codes.find_pending(&code, clock.now()).await.unwrap().is_some());
        assert!(codes.find_pending(&code, expires).await.unwrap().is_none());
        let answer = denied(expires);
        let answers = join_all((0..100).map(|_| codes.decide(&code, &answer))).await;
        assert_eq!(answers.into_iter().filter(|won| *won.as_ref().unwrap()).count(), 1);
        let spent = (CLIENT, Uuid::from_u128(2));
        let polls = join_all((0..100).map(|_| codes.redeem(secret.expose(), spent))).await;
        let first = polls.into_iter().map(Result::unwrap);
        let first = first.filter(|before| matches!(before, Some(DeviceCodeState::Denied { .. })));
        assert_eq!(first.count(), 1);
    }
}
