//! Cache of tokens whose signature is known to be good, because a key of this process signed them just now or verified them before: most portals call
//! userinfo with an access token they got milliseconds ago, APIs have the same token introspected with each request, and a verification costs more
//! than all else in these answers.
//!
//! Only the signature is cached, beside the public key and for as long as that is kept; claims and grant state are checked each time. It is
//! keyed by a digest of the whole token, so that no other token can be taken for it, and no token lies in memory. Only good tokens get in, so
//! strangers cannot push them out.

use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::crypto::digest::sha256;

/// Half of the capacity, which is 57,344 tokens, two megabytes: as many as fit into tables of 2^15 places.
const HALF: usize = 28_672;

#[derive(Default)]
struct Halves {
    newer: HashSet<[u8; 32]>,
    older: HashSet<[u8; 32]>,
}

impl Halves {
    fn add(&mut self, digest: [u8; 32]) {
        if self.newer.len() >= HALF && !self.newer.contains(&digest) {
            self.older = std::mem::take(&mut self.newer);
        }
        self.newer.insert(digest);
    }
}

/// The tokens a key signed or verified last.
#[derive(Default)]
pub struct SignatureCache(Mutex<Halves>);

impl SignatureCache {
    /// Adds a token that was signed just now.
    pub fn add(&self, token: &str) {
        self.lock().add(sha256(token.as_bytes()));
    }

    /// Whether the signature of exactly this token, header included, is known to be good, or is found to be by `verify`.
    pub fn has_or_verify(&self, token: &str, verify: impl FnOnce() -> Option<()>) -> Option<()> {
        let digest = sha256(token.as_bytes());
        {
            let halves = self.lock();
            if halves.newer.contains(&digest) || halves.older.contains(&digest) {
                return Some(());
            }
        }
        verify()?;
        self.lock().add(digest);
        Some(())
    }

    fn lock(&self) -> MutexGuard<'_, Halves> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{HALF, SignatureCache};

    fn is_known(cache: &SignatureCache, token: &str) -> bool {
        cache.has_or_verify(token, || None).is_some()
    }

    #[test]
    fn the_last_are_known_to_the_letter_and_the_first_are_not_kept() {
        let signature_cache = SignatureCache::default();
        let token = |number: usize| format!("head.claims-{number}.signature");
        for number in 0..=2 * HALF {
            signature_cache.add(&token(number));
        }
        assert!(is_known(&signature_cache, &token(2 * HALF)) && is_known(&signature_cache, &token(HALF)));
        assert!(!is_known(&signature_cache, &token(0)), "memory is bounded");
        assert!(!is_known(&signature_cache, &format!("{} ", token(2 * HALF))));
    }

    #[test]
    fn what_was_found_good_is_not_verified_again_and_what_was_not_is() {
        let signature_cache = SignatureCache::default();
        assert!(signature_cache.has_or_verify("good", || Some(())).is_some());
        assert!(is_known(&signature_cache, "good"));
        assert!(!is_known(&signature_cache, "bad") && !is_known(&signature_cache, "bad"));
    }
}
