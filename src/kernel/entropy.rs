//! Injected randomness: the operating system's, or a seeded stream so that a failing test can be run again.

use std::sync::{
    Arc, LazyLock, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

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
    Seeded(Arc<(Mutex<StdRng>, AtomicU64)>),
}

/// Bits of an id that count.
const COUNTED: u32 = 42;

/// How many ids this process made, from a random start in the lower half of what can be counted.
static MADE: LazyLock<AtomicU64> = LazyLock::new(|| {
    let start = u64::from_be_bytes(Entropy::system().bytes());
    AtomicU64::new(start >> (u64::BITS - COUNTED + 1))
});

impl Entropy {
    /// The operating system's generator.
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// A reproducible stream for tests; never in production.
    pub fn seeded(seed: u64) -> Self {
        let stream = Mutex::new(StdRng::seed_from_u64(seed));
        Self(Source::Seeded(Arc::new((stream, AtomicU64::new(0)))))
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
            Source::Seeded(seeded) => {
                let mut stream = seeded.0.lock().unwrap_or_else(PoisonError::into_inner);
                stream.fill_bytes(buffer);
            }
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

    /// A primary key: UUIDv7, so that rows of one table are inserted in index order (RFC 9562 §5.7). Those of one moment stand in the order in
    /// which this process made them: behind the moment it counts (§6.2, method 1), and only then come random bits.
    pub fn id(&self, now: Timestamp) -> Uuid {
        let millis = u64::try_from(now.millis()).unwrap_or(0);
        let count = match &self.0 {
            Source::System => MADE.fetch_add(1, Ordering::Relaxed),
            Source::Seeded(seeded) => seeded.1.fetch_add(1, Ordering::Relaxed),
        };
        // Twelve bits before the variant and thirty behind it.
        let (high, low) = ((count >> 30) & 0x0fff, count & 0x3fff_ffff);
        let ([.., one, two], [.., three, four, five, six]) = (high.to_be_bytes(), low.to_be_bytes());
        let [seven, eight, nine, ten] = self.bytes::<4>();
        let behind = [one, two, three, four, five, six, seven, eight, nine, ten];
        uuid::Builder::from_unix_timestamp_millis(millis, &behind).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_one_moment_stand_in_the_order_in_which_they_were_made() {
        let now = Timestamp::from_secs(1_700_000_000);
        for entropy in [Entropy::system(), Entropy::seeded(7)] {
            let ids: Vec<Uuid> = (0..10_000).map(|_| entropy.id(now)).collect();
            assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
            assert!(ids.iter().all(|id| id.get_version_num() == 7));
            assert!(entropy.id(now.plus(std::time::Duration::from_millis(1))) > ids[9_999]);
            assert!(entropy.id(now.minus(std::time::Duration::from_millis(1))) < ids[0]);
        }
    }

    #[test]
    fn two_processes_hardly_ever_make_the_same_id() {
        let now = Timestamp::from_secs(1_700_000_000);
        assert_ne!(Entropy::seeded(1).id(now), Entropy::seeded(2).id(now));
    }
}
