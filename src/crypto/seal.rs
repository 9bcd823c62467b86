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
    /// Opens besides, while the key is being replaced.
    previous: Option<Arc<LessSafeKey>>,
    entropy: Entropy,
}

/// By which key a sealed value opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The one that seals.
    Present,
    /// The one that only opens.
    Previous,
    /// Neither.
    Unreadable,
}

impl Sealer {
    /// Creates a sealer from a key of 32 random bytes; `None` for any other length.
    pub fn new(key: &Secret<Vec<u8>>, entropy: Entropy) -> Option<Self> {
        let key = UnboundKey::new(&AES_256_GCM, key.expose()).ok()?;
        Some(Self {
            key: Arc::new(LessSafeKey::new(key)),
            previous: None,
            entropy,
        })
    }

    /// The same, which also opens what was sealed with this key of 32 bytes.
    #[must_use]
    pub fn opening_also(self, key: Option<&Secret<Vec<u8>>>) -> Self {
        let key = key.and_then(|key| UnboundKey::new(&AES_256_GCM, key.expose()).ok());
        Self {
            previous: key.map(|key| Arc::new(LessSafeKey::new(key))),
            ..self
        }
    }

    /// By which key a value opens that was sealed for this context.
    pub fn standing(&self, context: &str, sealed: &str) -> Standing {
        if opened_by(&self.key, context, sealed).is_some() {
            return Standing::Present;
        }
        match self.opened_before(context, sealed) {
            Some(_) => Standing::Previous,
            None => Standing::Unreadable,
        }
    }

    /// A value that only the previous key opens, sealed with the present one; `None` for every other.
    ///
    /// # Errors
    /// As [`Sealer::seal`].
    pub fn sealed_anew(&self, context: &str, sealed: &str) -> Result<Option<String>> {
        match self.standing(context, sealed) {
            Standing::Previous => self.seal(context, self.open(context, sealed)?.expose()).map(Some),
            Standing::Present | Standing::Unreadable => Ok(None),
        }
    }

    fn opened_before(&self, context: &str, sealed: &str) -> Option<Secret<Vec<u8>>> {
        opened_by(self.previous.as_deref()?, context, sealed)
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
        let opened = opened_by(&self.key, context, sealed).or_else(|| self.opened_before(context, sealed));
        opened.ok_or_else(|| {
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
}

fn opened_by(key: &LessSafeKey, context: &str, sealed: &str) -> Option<Secret<Vec<u8>>> {
    let bytes = STANDARD.decode(sealed).ok()?;
    let (version, rest) = bytes.split_first()?;
    if *version != VERSION {
        return None;
    }
    let (nonce, body) = rest.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut body = body.to_vec();
    let length = key
        .open_in_place(nonce, Aad::from(context.as_bytes()), &mut body)
        .ok()?
        .len();
    body.truncate(length);
    Some(Secret::new(body))
}

#[cfg(test)]
mod tests {
    use super::{Sealer, Standing};
    use crate::kernel::{entropy::Entropy, secret::Secret};

    #[test]
    fn the_previous_key_opens_and_never_seals() {
        let key = |byte: u8| Secret::new(vec![byte; 32]);
        let only = |byte: u8| Sealer::new(&key(byte), Entropy::seeded(byte.into())).unwrap();
        let (old, new) = (only(1), only(2));
        let both = only(2).opening_also(Some(&key(1)));
        let before = old.seal("a.b", b"secret").unwrap();
        assert!(new.open("a.b", &before).is_err());
        assert_eq!(both.open("a.b", &before).unwrap().expose(), b"secret");
        assert!(both.open("a.c", &before).is_err(), "bound to its column by either key");
        let after = both.sealed_anew("a.b", &before).unwrap().unwrap();
        assert!(old.open("a.b", &after).is_err());
        assert_eq!(new.open("a.b", &after).unwrap().expose(), b"secret");
        assert_eq!(both.sealed_anew("a.b", &after).unwrap(), None);
        for (sealed, standing) in [
            (before.as_str(), Standing::Previous),
            (after.as_str(), Standing::Present),
            ("rubbish", Standing::Unreadable),
        ] {
            assert_eq!(both.standing("a.b", sealed), standing);
        }
        assert_eq!(new.standing("a.b", &before), Standing::Unreadable);
    }
}
