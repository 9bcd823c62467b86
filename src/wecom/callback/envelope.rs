//! Callback envelope: verifies the signature, decrypts, and checks the receiver of a callback (reference 6.2 to 6.5).
//!
//! The signature is checked first and in constant time, so that an unauthenticated request never reaches the decryption, whose padding
//! check would otherwise be an oracle. What the outer document says about sender and receiver is not authenticated and not read.

use aes::cipher::{Block, BlockModeEncrypt, KeyIvInit};
use base64::{Engine, engine::general_purpose::STANDARD};
use data_encoding::HEXLOWER;
use sha1::{Digest, Sha1};

use super::{
    cipher::{AES_BLOCK, PAD_BLOCK, RANDOM, decrypt, split},
    error::CallbackError,
    event::Notice,
    fields::Fields,
    key::AesKey,
    suite_push::ReceivedSuitePush,
};
use crate::{crypto::digest, kernel::clock::Timestamp, kernel::secret::Secret};

/// Largest callback accepted, bytes.
pub const LARGEST_BODY: usize = 64 * 1024;
/// How far a timestamp may be from now before it is logged (reference 6.5).
const STALE_SECS: i64 = 300;

type Encryptor = cbc::Encryptor<aes::Aes256>;
type Answer<T> = Result<T, CallbackError>;

/// Query parameters of every callback, URL-decoded.
#[derive(Clone, Copy, Debug)]
pub struct Query<'a> {
    /// SHA-1 over the sorted parts, lower-case hex.
    pub msg_signature: &'a str,
    /// Seconds since 1970.
    pub timestamp: &'a str,
    /// Chosen by WeCom.
    pub nonce: &'a str,
}

impl Query<'_> {
    /// Whether the timestamp is within five minutes of now. Retries are believed to carry fresh ones, which nobody promises: log rather
    /// than refuse (reference 6.5).
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        let sent = self.timestamp.parse::<i64>().ok();
        sent.is_some_and(|sent| sent.abs_diff(now.secs()) <= STALE_SECS.unsigned_abs())
    }
}

/// One callback URL: its token, key and the id it receives for.
#[derive(Clone, Debug)]
pub struct CallbackCrypto {
    token: Secret<String>,
    key: AesKey,
    receive_id: String,
}

impl CallbackCrypto {
    /// Builds it from the values typed into the WeCom console. `receive_id` is the corp ID for apps and the contacts helper (reference
    /// 6.3).
    ///
    /// # Errors
    /// [`CallbackError::Key`] for an empty token, a key of another form, or an empty receive id, which would accept messages without a
    /// receiver.
    pub fn new(token: Secret<String>, aes_key: &Secret<String>, receive_id: &str) -> Answer<Self> {
        if token.expose().is_empty() || receive_id.is_empty() {
            return Err(CallbackError::Key);
        }
        Ok(Self {
            token,
            key: AesKey::parse(aes_key)?,
            receive_id: receive_id.to_owned(),
        })
    }

    /// URL verification (reference 6.4): the bytes to answer with, exactly. Token and key are the same for deliveries, whose messages are
    /// XML or JSON (reference 6.5, 6.6): one of those is refused, or whoever saw a delivery could have it decrypted. An echo is a number.
    ///
    /// # Errors
    /// Any [`CallbackError`].
    pub fn verify_url(&self, query: Query<'_>, echostr: &str) -> Answer<Vec<u8>> {
        self.verify_url_for(query, echostr, |id| id == self.receive_id)
    }

    /// Receives a delivery (reference 6.5): verifies, decrypts and reads its outer document, XML or JSON.
    ///
    /// # Errors
    /// Any [`CallbackError`].
    pub fn receive(&self, query: Query<'_>, body: &[u8]) -> Answer<Notice> {
        Notice::read(&self.delivered(query, body)?)
    }

    /// The same of a suite's command callback, whose receive id is the suite id (reference 6.3, 9.1).
    ///
    /// # Errors
    /// Any [`CallbackError`].
    pub fn receive_push(&self, query: Query<'_>, body: &[u8]) -> Answer<ReceivedSuitePush> {
        ReceivedSuitePush::read(&self.delivered(query, body)?)
    }

    fn delivered(&self, query: Query<'_>, body: &[u8]) -> Answer<Vec<u8>> {
        if body.len() > LARGEST_BODY {
            return Err(CallbackError::TooLarge);
        }
        let outer = Fields::read(body)?;
        let encrypted = outer.text("Encrypt").ok_or(CallbackError::Unreadable("no `Encrypt`"))?;
        self.open(query, encrypted)
    }

    /// Verifies and decrypts.
    fn open(&self, query: Query<'_>, encrypted: &str) -> Answer<Vec<u8>> {
        self.open_for(query, encrypted, |id| id == self.receive_id.as_bytes())
    }

    fn open_for(&self, query: Query<'_>, encrypted: &str, accepts: impl Fn(&[u8]) -> bool) -> Answer<Vec<u8>> {
        if encrypted.len() > LARGEST_BODY {
            return Err(CallbackError::TooLarge);
        }
        // A reader of the query that takes `+` for a space breaks base64 and signature (trap 20); base64 itself has no spaces.
        let encrypted = encrypted.trim().replace(' ', "+");
        let signature = self.sign(query.timestamp, query.nonce, &encrypted);
        if !digest::equal(signature.as_bytes(), query.msg_signature.as_bytes()) {
            return Err(CallbackError::Signature);
        }
        let sealed = STANDARD
            .decode(&encrypted)
            .map_err(|_| CallbackError::Decryption("not base64"))?;
        let plain = decrypt(&self.key, sealed)?;
        let (message, receive_id) = split(&plain)?;
        if !accepts(receive_id) {
            return Err(CallbackError::Receiver);
        }
        Ok(message.to_vec())
    }

    /// As [`Self::verify_url`], where the caller says which receive ids may verify: those of a suite's callbacks differ from those of their
    /// deliveries (reference 6.3).
    ///
    /// # Errors
    /// Any [`CallbackError`].
    pub fn verify_url_for(&self, query: Query<'_>, echostr: &str, accepts: impl Fn(&str) -> bool) -> Answer<Vec<u8>> {
        let echo = self.open_for(query, echostr, |id| str::from_utf8(id).is_ok_and(&accepts))?;
        match is_document(&echo) {
            true => Err(CallbackError::Unreadable("a message instead of an echo")),
            false => Ok(echo),
        }
    }

    /// The signature over these parts, as WeCom makes it.
    pub fn sign(&self, timestamp: &str, nonce: &str, encrypted: &str) -> String {
        let mut parts = [self.token.expose().as_str(), timestamp, nonce, encrypted];
        parts.sort_unstable();
        let sum = parts.iter().fold(Sha1::new(), |sum, part| sum.chain_update(part));
        HEXLOWER.encode(&sum.finalize())
    }

    /// Encrypts a message as WeCom does. We never need a passive reply; tests speak to a [`CallbackCrypto`] with it.
    pub fn seal(&self, random: [u8; RANDOM], message: &[u8]) -> String {
        let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
        let mut plain = random.to_vec();
        plain.extend_from_slice(&length.to_be_bytes());
        plain.extend_from_slice(message);
        plain.extend_from_slice(self.receive_id.as_bytes());
        let pad = PAD_BLOCK - plain.len() % PAD_BLOCK;
        plain.resize(plain.len() + pad, u8::try_from(pad).unwrap_or_default());
        let Ok(mut cipher) = Encryptor::new_from_slices(self.key.bytes(), self.key.iv()) else {
            return String::new();
        };
        for block in plain.chunks_exact_mut(AES_BLOCK) {
            if let Ok(block) = <&mut Block<Encryptor>>::try_from(block) {
                cipher.encrypt_block(block);
            }
        }
        STANDARD.encode(plain)
    }
}

/// Whether this begins as a message does, in XML or JSON.
fn is_document(plain: &[u8]) -> bool {
    let text = plain
        .strip_prefix("\u{feff}".as_bytes())
        .unwrap_or(plain)
        .trim_ascii_start();
    matches!(text.first(), Some(b'<' | b'{' | b'['))
}

#[cfg(test)]
#[path = "envelope_tests.rs"]
mod tests;
