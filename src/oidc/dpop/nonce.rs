//! Stateless DPoP nonces (RFC 9449 §8): the moment they were issued, sealed. Nothing is stored; every replica can open them.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use crate::{
    crypto::seal::Sealer,
    kernel::{clock::Timestamp, failure::Result},
};

/// The place nonces are sealed for.
const PLACE: &str = "dpop.nonce";
/// How long a nonce is accepted.
const LIFETIME: Duration = Duration::from_secs(5 * 60);
/// One nonce serves all answers of this long, so that answers do not wear out the seal key.
const RENEWED_EVERY: Duration = Duration::from_secs(60);
/// Longest nonce that is opened, bytes.
const LONGEST: usize = 128;

/// Issues nonces and checks them. Cheap to clone.
#[derive(Clone)]
pub struct Nonces {
    sealer: Sealer,
    newest: Arc<RwLock<Option<(Timestamp, String)>>>,
}

impl Nonces {
    /// Nonces sealed with this key.
    pub fn new(sealer: Sealer) -> Self {
        Self {
            sealer,
            newest: Arc::default(),
        }
    }

    /// The nonce to issue now.
    ///
    /// # Errors
    /// Only when sealing fails.
    pub fn current(&self, now: Timestamp) -> Result<String> {
        let newest = self.newest.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((since, nonce)) = newest
            && since <= now
            && now.since(since) < RENEWED_EVERY
        {
            return Ok(nonce);
        }
        let nonce = self.sealer.seal(PLACE, now.millis().to_string().as_bytes())?;
        *self.newest.write().unwrap_or_else(PoisonError::into_inner) = Some((now, nonce.clone()));
        Ok(nonce)
    }

    /// Whether this nonce was issued under our seal key within the last five minutes.
    pub fn is_current(&self, nonce: &str, now: Timestamp) -> bool {
        if nonce.len() > LONGEST {
            return false;
        }
        let Ok(opened) = self.sealer.open_text(PLACE, nonce) else {
            return false;
        };
        let since = opened.expose().parse().map(Timestamp::from_millis);
        since.is_ok_and(|since| now.since(since) <= LIFETIME)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Nonces;
    use crate::{
        crypto::seal::Sealer,
        kernel::{clock::Timestamp, entropy::Entropy, secret::Secret},
    };

    fn nonces(key: u8) -> Nonces {
        Nonces::new(Sealer::new(&Secret::new(vec![key; 32]), Entropy::system()).unwrap())
    }

    #[test]
    fn a_nonce_lives_five_minutes_and_is_known_by_every_replica() {
        let now = Timestamp::from_secs(1_700_000_000);
        let nonce = nonces(1).current(now).unwrap();
        assert!(
            nonce
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\')
        );
        assert!(nonces(1).is_current(&nonce, now.plus(Duration::from_secs(300))));
        assert!(!nonces(1).is_current(&nonce, now.plus(Duration::from_secs(301))));
        assert!(!nonces(2).is_current(&nonce, now));
        for rubbish in ["", "x", &"A".repeat(500)] {
            assert!(!nonces(1).is_current(rubbish, now), "{rubbish}");
        }
    }

    #[test]
    fn a_new_one_is_made_each_minute() {
        let now = Timestamp::from_secs(1_700_000_000);
        let nonces = nonces(1);
        let first = nonces.current(now).unwrap();
        assert_eq!(first, nonces.current(now.plus(Duration::from_secs(59))).unwrap());
        assert_ne!(first, nonces.current(now.plus(Duration::from_secs(60))).unwrap());
    }
}
