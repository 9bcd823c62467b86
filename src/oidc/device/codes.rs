//! Device codes and user codes in the ephemeral store. A device code is a bearer secret and lies under its digest; the user code leads to
//! that digest while nobody has decided.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    failure::DeviceFailure,
    model::{Asked, Found, INTERVAL, LIFETIME},
    user_code::UserCode,
};
use crate::{
    crypto::digest::sha256_base64url,
    kernel::{clock::Timestamp, entropy::Entropy, failure::Result, secret::Secret},
    store::{Ephemeral, failure::StoreFailure},
};

/// Kept beyond its life, so that a late poll hears that it expired and a late replay is seen as what it is.
const REMEMBERED: Duration = Duration::from_secs(20 * 60);
/// Tries at finding a user code nobody has; with thousands pending among 20^8 the first one does.
const TRIES: usize = 8;
/// A device whose clock and network are a little uneven is not told to slow down.
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

    /// Keeps what `secret` asks for, under a user code that no living one has.
    ///
    /// # Errors
    /// When the store does not answer; so for all here.
    pub async fn issue(&self, secret: &Secret<String>, asked: Asked, entropy: &Entropy) -> Result<UserCode> {
        let digest = sha256_base64url(secret.expose().as_bytes());
        self.put(&record(&digest), &Found::Pending(asked), REMEMBERED).await?;
        let pace = Pace {
            last: None,
            interval: INTERVAL,
        };
        self.put(&pace_of(&digest), &pace, REMEMBERED).await?;
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

    /// What lies under a device code; consumes nothing.
    ///
    /// # Errors
    /// See [`DeviceCodes::issue`].
    pub async fn peek(&self, secret: &str) -> Result<Option<Found>> {
        let digest = sha256_base64url(secret.as_bytes());
        read(self.ephemeral.get(&record(&digest)).await?)
    }

    /// What the device that shows this user code asked for, while nobody has decided.
    ///
    /// # Errors
    /// See [`DeviceCodes::issue`].
    pub async fn waiting(&self, code: &UserCode, now: Timestamp) -> Result<Option<Asked>> {
        let Some(digest) = text(self.ephemeral.get(&user(code)).await?) else {
            return Ok(None);
        };
        let found = read(self.ephemeral.get(&record(&digest)).await?)?;
        Ok(match found {
            Some(Found::Pending(asked)) if asked.expires > now => Some(asked),
            _ => None,
        })
    }

    /// Writes a person's answer; false when somebody else's came first or it is too late. Taking the user code out of the store decides:
    /// of any number of parallel answers one gets it, and nobody but its taker turns a pending record into another.
    ///
    /// # Errors
    /// See [`DeviceCodes::issue`].
    pub async fn decide(&self, code: &UserCode, answer: &Found) -> Result<bool> {
        let Some(digest) = text(self.ephemeral.take(&user(code)).await?) else {
            return Ok(false);
        };
        let answer = serde_json::to_vec(answer).unwrap_or_default();
        let before = self.ephemeral.exchange(&record(&digest), &answer, REMEMBERED).await?;
        Ok(matches!(read(before)?, Some(Found::Pending(_))))
    }

    /// Leaves the tombstone and returns what was there before: of any number of parallel callers exactly one gets
    /// [`Found::Approved`], because the exchange is one atomic step on both stores.
    ///
    /// # Errors
    /// See [`DeviceCodes::issue`].
    pub async fn redeem(&self, secret: &str, (client, grant): (Uuid, Uuid)) -> Result<Option<Found>> {
        let digest = sha256_base64url(secret.as_bytes());
        let tombstone = serde_json::to_vec(&Found::Spent { client, grant }).unwrap_or_default();
        read(
            self.ephemeral
                .exchange(&record(&digest), &tombstone, REMEMBERED)
                .await?,
        )
    }

    /// Notes a poll; true when it came too soon, and then the interval is longer from now on (RFC 8628 §3.5). Of parallel polls one finds
    /// the moment of the poll before, the others that one's.
    ///
    /// # Errors
    /// See [`DeviceCodes::issue`].
    pub async fn too_soon(&self, secret: &str, now: Timestamp) -> Result<bool> {
        let key = pace_of(&sha256_base64url(secret.as_bytes()));
        let interval = pace(self.ephemeral.get(&key).await?).interval;
        let noted = Pace {
            last: Some(now),
            interval,
        };
        let noted = serde_json::to_vec(&noted).unwrap_or_default();
        let before = pace(self.ephemeral.exchange(&key, &noted, REMEMBERED).await?);
        let wait = Duration::from_secs(before.interval);
        let soon = before
            .last
            .is_some_and(|last| now.since(last).saturating_add(GRACE) < wait);
        if soon {
            let slower = Pace {
                last: Some(now),
                interval: before.interval.saturating_add(INTERVAL),
            };
            self.put(&key, &slower, REMEMBERED).await?;
        }
        Ok(soon)
    }

    async fn put(&self, key: &str, value: &(impl Serialize + Sync), ttl: Duration) -> Result<()> {
        let value = serde_json::to_vec(value).unwrap_or_default();
        self.ephemeral.put(key, &value, ttl).await
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

fn pace(value: Option<Vec<u8>>) -> Pace {
    let known = value.and_then(|value| serde_json::from_slice(&value).ok());
    known.unwrap_or(Pace {
        last: None,
        interval: INTERVAL,
    })
}

fn read(value: Option<Vec<u8>>) -> Result<Option<Found>> {
    let Some(value) = value else { return Ok(None) };
    let found = serde_json::from_slice(&value).map_err(|error| StoreFailure::Corrupt.failure().cause(error))?;
    Ok(Some(found))
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
            device::model::{Asked, Found},
            terms::Terms,
        },
        store::Ephemeral,
    };

    const CLIENT: Uuid = Uuid::from_u128(1);

    fn denied(expires: Timestamp) -> Found {
        Found::Denied {
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
        let asked = Asked {
            client: CLIENT,
            scope: "openid".to_owned(),
            terms: Terms::default(),
            at: clock.now(),
            from: None,
            expires,
        };
        let code = codes.issue(&secret, asked, &entropy).await.unwrap();
        assert!(codes.waiting(&code, clock.now()).await.unwrap().is_some());
        assert!(codes.waiting(&code, expires).await.unwrap().is_none());
        let answer = denied(expires);
        let answers = join_all((0..100).map(|_| codes.decide(&code, &answer))).await;
        assert_eq!(answers.into_iter().filter(|won| *won.as_ref().unwrap()).count(), 1);
        let spent = (CLIENT, Uuid::from_u128(2));
        let polls = join_all((0..100).map(|_| codes.redeem(secret.expose(), spent))).await;
        let first = polls.into_iter().map(Result::unwrap);
        let first = first.filter(|before| matches!(before, Some(Found::Denied { .. })));
        assert_eq!(first.count(), 1);
    }
}
