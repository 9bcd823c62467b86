//! Signature and encryption of callbacks (reference §6.2), written from the page and the published vectors V1–V3.
//!
//! Plain text: 16 random bytes ‖ length (u32, big endian) ‖ message ‖ receive id; AES-256-CBC; PKCS#7 to blocks of **32** bytes. Public so
//! that tests of a receiver can make and read messages without borrowing the receiver's own code. The parts are separate functions so that
//! `callbacks::seal` can tamper with exactly one of them.

use aes::Aes256;
use aes::cipher::{Array, BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use base64::Engine;
use base64::alphabet;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use sha1::{Digest, Sha1};

/// The 43rd character of an EncodingAESKey usually carries non-zero trailing bits (§6.2), which a strict decoder refuses.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);
const BLOCK: usize = 32;

/// The AES key behind an EncodingAESKey.
#[derive(Clone)]
pub struct Key([u8; 32]);

/// A decrypted message.
#[derive(Debug, PartialEq, Eq)]
pub struct Opened {
    /// The 16 random bytes in front.
    pub random: [u8; 16],
    /// The message: XML, JSON or the echo.
    pub message: Vec<u8>,
    /// Receive id: the corpid, for the callbacks simulated here.
    pub receive_id: Vec<u8>,
}

impl Key {
    /// Parses an EncodingAESKey: exactly 43 characters of `A-Za-z0-9` (§6.1).
    pub fn parse(encoding_aes_key: &str) -> Option<Self> {
        let well_formed = encoding_aes_key.len() == 43 && encoding_aes_key.bytes().all(|b| b.is_ascii_alphanumeric());
        let bytes = well_formed
            .then(|| LENIENT.decode(format!("{encoding_aes_key}=")).ok())
            .flatten()?;
        bytes.try_into().ok().map(Self)
    }

    /// The same key with its first bit flipped: for tampering.
    pub(crate) fn spoiled(&self) -> Self {
        let mut bytes = self.0;
        if let Some(first) = bytes.first_mut() {
            *first ^= 0x80;
        }
        Self(bytes)
    }

    fn iv(&self) -> [u8; 16] {
        std::array::from_fn(|i| self.0.get(i).copied().unwrap_or_default())
    }
}

/// `sha1_hex(concat(sort([token, timestamp, nonce, encrypted])))`, lower case.
pub fn signature(token: &str, timestamp: &str, nonce: &str, encrypted: &str) -> String {
    let mut parts = [token, timestamp, nonce, encrypted];
    parts.sort_unstable();
    let digest = Sha1::digest(parts.concat());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Concatenates random bytes, length, message and receive id, not yet padded.
pub(crate) fn envelope(random: [u8; 16], message: &[u8], receive_id: &str) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
    [&random, &length.to_be_bytes()[..], message, receive_id.as_bytes()].concat()
}

/// Pads by PKCS#7 to 32 bytes; a whole block when already aligned.
pub(crate) fn pad(plain: &mut Vec<u8>) {
    let count = BLOCK - plain.len() % BLOCK;
    plain.extend(std::iter::repeat_n(u8::try_from(count).unwrap_or_default(), count));
}

/// Encrypts whole blocks and encodes them.
pub(crate) fn seal(key: &Key, padded: Vec<u8>) -> String {
    LENIENT.encode(seal_bytes(key, padded))
}

/// Encrypts whole blocks. Bytes beyond the last full block stay as they are; callers pad.
pub(crate) fn seal_bytes(key: &Key, mut padded: Vec<u8>) -> Vec<u8> {
    let mut cipher = cbc::Encryptor::<Aes256>::new(&key.0.into(), &key.iv().into());
    for chunk in padded.chunks_exact_mut(16) {
        if let Ok(block) = <&mut Array<u8, _>>::try_from(chunk) {
            cipher.encrypt_block(block);
        }
    }
    padded
}

/// Encrypts a message: envelope, padding, encryption, base64.
pub fn encrypt(key: &Key, random: [u8; 16], message: &[u8], receive_id: &str) -> String {
    let mut plain = envelope(random, message, receive_id);
    pad(&mut plain);
    seal(key, plain)
}

/// Decrypts bytes and strips the padding, as an exported file needs it (§5.7); `None` for anything malformed.
pub fn decrypt_bytes(key: &Key, mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    if bytes.is_empty() || !bytes.len().is_multiple_of(BLOCK) {
        return None;
    }
    let mut cipher = cbc::Decryptor::<Aes256>::new(&key.0.into(), &key.iv().into());
    for chunk in bytes.chunks_exact_mut(16) {
        cipher.decrypt_block(<&mut Array<u8, _>>::try_from(chunk).ok()?);
    }
    let count = usize::from(*bytes.last()?);
    if !(1..=BLOCK).contains(&count) {
        return None;
    }
    bytes.truncate(bytes.len().checked_sub(count)?);
    Some(bytes)
}

/// Decrypts a message; `None` for anything malformed.
pub fn decrypt(key: &Key, encrypted: &str) -> Option<Opened> {
    let bytes = decrypt_bytes(key, LENIENT.decode(encrypted).ok()?)?;
    let (random, rest) = bytes.split_first_chunk::<16>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (message, receive_id) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
    Some(Opened {
        random: *random,
        message: message.to_vec(),
        receive_id: receive_id.to_vec(),
    })
}

#[cfg(test)]
#[path = "crypto_tests.rs"]
mod tests;
