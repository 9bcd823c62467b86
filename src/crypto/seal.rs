//! Sealing (encryption at rest): AES-256-GCM under a key that is not in the database.
//!
//! A sealed value is bound to its column (`context`, e.g. `wecom_app.secret`): moved to another column it does not open.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::sync::Arc;

use super::failure::CryptoFailure;
use crate::kernel::{entropy::Entropy, failure::Result, secret::Secret};

/// Length of the seal key, bytes.
pub const KEY_BYTES: usize = 32;
/// First byte of every sealed value, so that the format can change later.
const VERSION: u8 = 1;

/// Seals (encrypts) and opens (decrypts) secrets.
#[derive(Clone)]
pub struct Sealer {
    key: Arc<LessSafeKey>,
    entropy: Entropy,
}

impl Sealer {
    /// Creates a sealer from a key of 32 random bytes; `None` for any other length.
    pub fn new(key: &Secret<Vec<u8>>, entropy: Entropy) -> Option<Self> {
        let key = UnboundKey::new(&AES_256_GCM, key.expose()).ok()?;
        Some(Self {
            key: Arc::new(LessSafeKey::new(key)),
            entropy,
        })
    }

    /// Seals `secret` for this context: base64 of version ‖ nonce (12 bytes) ‖ ciphertext ‖ tag (16 bytes).
    ///
    /// # Errors
    /// Only for values beyond what AES-GCM can seal (64 GiB).
    pub fn seal(&self, context: &str, secret: &[u8]) -> Result<String> {
        let nonce: [u8; NONCE_LEN] = self.entropy.bytes();
        let mut body = secret.to_vec();
        self.key
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(context.as_bytes()),
                &mut body,
            )
            .map_err(|_| CryptoFailure::Unreadable.failure().cause("sealing failed"))?;
        let mut sealed = vec![VERSION];
        sealed.extend_from_slice(&nonce);
        sealed.append(&mut body);
        Ok(STANDARD.encode(sealed))
    }

    /// Opens what [`Sealer::seal`] made for the same context.
    ///
    /// # Errors
    /// `CR-101` when the key or the context differs, or the value is damaged.
    pub fn open(&self, context: &str, sealed: &str) -> Result<Secret<Vec<u8>>> {
        self.try_open(context, sealed).ok_or_else(|| {
            CryptoFailure::Unreadable
                .failure()
                .cause(format!("{context} does not open with this seal key"))
        })
    }

    /// Opens a sealed text.
    ///
    /// # Errors
    /// As [`Sealer::open`], and when the content is not UTF-8.
    pub fn open_text(&self, context: &str, sealed: &str) -> Result<Secret<String>> {
        let bytes = self.open(context, sealed)?;
        String::from_utf8(bytes.expose().clone()).map(Secret::new).map_err(|_| {
            CryptoFailure::Unreadable
                .failure()
                .cause(format!("{context} is not text"))
        })
    }

    fn try_open(&self, context: &str, sealed: &str) -> Option<Secret<Vec<u8>>> {
        let bytes = STANDARD.decode(sealed).ok()?;
        let (version, rest) = bytes.split_first()?;
        if *version != VERSION {
            return None;
        }
        let (nonce, body) = rest.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut body = body.to_vec();
        let length = self
            .key
            .open_in_place(nonce, Aad::from(context.as_bytes()), &mut body)
            .ok()?
            .len();
        body.truncate(length);
        Some(Secret::new(body))
    }
}
