//! The EncodingAESKey: 43 letters and digits whose last one carries two unused bits (reference 6.2, trap 18).

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use super::error::CallbackError;
use crate::kernel::{entropy::Entropy, secret::Secret};

/// Length of the key as typed, characters.
const TYPED: usize = 43;

/// Characters that it consists of.
const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// 43 × 6 bits are 258: the two left over are not zero in most real keys, and strict decoders refuse them.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// The AES-256 key of one callback, or of one export.
#[derive(Clone, Debug)]
pub struct AesKey(Secret<[u8; 32]>);

impl AesKey {
    /// Reads the key as the WeCom console shows it.
    ///
    /// # Errors
    /// [`CallbackError::Key`] unless it is exactly 43 letters and digits.
    pub fn parse(typed: &Secret<String>) -> Result<Self, CallbackError> {
        let typed = typed.expose();
        if typed.len() != TYPED || !typed.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(CallbackError::Key);
        }
        let bytes = Secret::new(LENIENT.decode(typed).map_err(|_| CallbackError::Key)?);
        let key = bytes.expose().as_slice().try_into().map_err(|_| CallbackError::Key)?;
        Ok(Self(Secret::new(key)))
    }

    /// Makes a random EncodingAESKey: 43 letters and digits, 256 bits. Bytes beyond the last whole multiple of 62 are skipped, so that no
    /// character is likelier than others.
    pub fn typed(entropy: &Entropy) -> Secret<String> {
        const EVEN: u8 = 248;
        let mut key = String::with_capacity(TYPED);
        while key.len() < TYPED {
            let [byte] = entropy.bytes::<1>();
            let letter = ALPHABET.get(usize::from(byte % 62)).filter(|_| byte < EVEN);
            key.extend(letter.copied().map(char::from));
        }
        Secret::new(key)
    }

    /// The key.
    pub(super) const fn bytes(&self) -> &[u8; 32] {
        self.0.expose()
    }

    /// The initialisation vector: the key's first half (reference 6.2).
    pub(super) fn iv(&self) -> &[u8] {
        self.bytes().split_at(16).0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(typed: &str) -> Result<AesKey, CallbackError> {
        AesKey::parse(&Secret::new(typed.to_owned()))
    }

    #[test]
    fn keys_with_trailing_bits_are_read() {
        let canonical = parse("jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2A").unwrap();
        let official = parse("jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C").unwrap();
        assert_eq!(
            official.bytes(),
            canonical.bytes(),
            "the two left-over bits mean nothing"
        );
        for real in [
            "4Ma3YBrSBbX2aez8MJpXGBne5LSDwgGqHbhM9WPYIws",
            "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR",
            "cD0d7jx4tYvVtzqrmh3Dm3QFCXe6f8SlHoMtMh3qQEP",
        ] {
            assert!(parse(real).is_ok(), "{real}");
        }
    }

    #[test]
    fn made_ones_are_of_wecoms_form_and_use_all_letters() {
        let entropy = Entropy::seeded(7);
        let keys: Vec<_> = (0..100).map(|_| AesKey::typed(&entropy)).collect();
        assert!(keys.iter().all(|key| AesKey::parse(key).is_ok()));
        let seen: std::collections::BTreeSet<char> = keys.iter().flat_map(|key| key.expose().chars()).collect();
        assert_eq!(seen.len(), 62);
    }

    #[test]
    fn other_lengths_and_characters_are_refused() {
        let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
        for wrong in [
            &key[..42],
            &format!("{key}="),
            &format!("{key}A"),
            "",
            &key.replace('j', "+"),
            &key.replace('j', " "),
        ] {
            assert_eq!(parse(wrong).unwrap_err(), CallbackError::Key, "{wrong}");
        }
        assert!(!format!("{:?}", parse(key).unwrap()).contains("jWm"));
    }
}
