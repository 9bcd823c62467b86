//! Cache of tokens a key of this process just signed, so that their signatures need not be verified: most portals call userinfo with an
//! access token they got milliseconds before, and a verification costs more than all else in that answer.
//!
//! Only the signature is cached, beside the public key and for as long as that is kept; claims and grant state are checked each time. It is
//! keyed by a digest of the whole token, so that no other token can be taken for it, and no token lies in memory.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use crate::crypto::digest::sha256;

/// Half of the capacity, which is 4,096 tokens, some hundred kilobytes.
const HALF: usize = 2048;

#[derive(Default)]
struct Halves {
    newer: HashSet<[u8; 32]>,
    older: HashSet<[u8; 32]>,
}

/// The tokens a key signed last.
#[derive(Default)]
pub struct SignatureCache(Mutex<Halves>);

impl SignatureCache {
    /// Adds a token that was signed just now.
    pub fn add(&self, token: &str) {
        let digest = sha256(token.as_bytes());
        let mut halves = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if halves.newer.len() >= HALF {
            halves.older = std::mem::take(&mut halves.newer);
        }
        halves.newer.insert(digest);
    }

    /// Whether exactly this token, header and signature included, is among the last ones signed.
    pub fn has(&self, token: &str) -> bool {
        let digest = sha256(token.as_bytes());
        let halves = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        halves.newer.contains(&digest) || halves.older.contains(&digest)
    }
}

#[cfg(test)]
mod tests {
    use super::{HALF, SignatureCache};

    #[test]
    fn the_last_are_known_to_the_letter_and_the_first_are_not_kept() {
        let signature_cache = SignatureCache::default();
        let token = |number: usize| format!("head.claims-{number}.signature");
        for number in 0..=2 * HALF {
            signature_cache.add(&token(number));
        }
        assert!(signature_cache.has(&token(2 * HALF)) && signature_cache.has(&token(HALF)));
        assert!(!signature_cache.has(&token(0)), "memory is bounded");
        assert!(!signature_cache.has(&format!("{} ", token(2 * HALF))));
    }
}
