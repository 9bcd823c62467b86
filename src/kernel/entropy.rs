//! Injected randomness: the operating system's, or a seeded stream so that a failing test can be run again.

use std::sync::{Arc, Mutex, PoisonError};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use data_encoding::HEXLOWER;
use rand::{Rng, SeedableRng, TryRng, rngs::StdRng, rngs::SysRng};
use uuid::Uuid;

use super::{clock::Timestamp, secret::Secret};

/// A source of random bytes.
#[derive(Clone, Debug)]
pub struct Entropy(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Seeded(Arc<Mutex<StdRng>>),
}

impl Entropy {
    /// The operating system's generator.
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// A reproducible stream for tests; never in production.
    pub fn seeded(seed: u64) -> Self {
        Self(Source::Seeded(Arc::new(Mutex::new(StdRng::seed_from_u64(seed)))))
    }

    /// Fills `buffer` with random bytes.
    pub fn fill(&self, buffer: &mut [u8]) {
        match &self.0 {
            // The kernel's generator does not fail once the machine has started; if it ever did, no token may be issued.
            Source::System => {
                if SysRng.try_fill_bytes(buffer).is_err() {
                    std::process::abort();
                }
            }
            Source::Seeded(rng) => rng.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(buffer),
        }
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// A bearer secret of 256 bits as 43 base64url characters: codes, tokens, cookies, client secrets.
    pub fn token(&self) -> Secret<String> {
        Secret::new(URL_SAFE_NO_PAD.encode(self.bytes::<32>()))
    }

    /// A secret of 128 bits as 32 lower-case hex characters. WeCom's `state` allows only `[A-Za-z0-9]` (reference 2.4, trap 24).
    pub fn hex_id(&self) -> String {
        HEXLOWER.encode(&self.bytes::<16>())
    }

    /// A primary key: UUIDv7, so that rows of one table are inserted in index order (RFC 9562 §5.7).
    pub fn id(&self, now: Timestamp) -> Uuid {
        let millis = u64::try_from(now.millis()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes::<10>()).into_uuid()
    }
}
