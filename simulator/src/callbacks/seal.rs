//! Signs and encrypts one callback request, tampering with exactly one part on demand (the negative cases of reference §6.7).

use rand::RngExt;
use rand::rngs::StdRng;
use serde::{Deserialize, Serialize};

use crate::crypto::{Key, envelope, pad, seal, signature};
use crate::errmsg::alphanumeric;
use crate::world::Callback;

/// The part to tamper with. All but `Signature` are signed correctly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tamper {
    /// One digit of the signature.
    Signature,
    /// Encrypted with another key.
    Key,
    /// Another receive id.
    ReceiveId,
    /// The length points beyond the buffer.
    Length,
    /// A padding byte of 33.
    Padding,
    /// The base64 is cut.
    Base64,
    /// Timestamp of an hour ago: a replay.
    Stale,
}

/// The query parameters and cipher text of one request.
pub(super) struct Sealed {
    pub msg_signature: String,
    pub timestamp: String,
    pub nonce: String,
    pub encrypted: String,
}

/// Timestamp and nonce of a request; retries may keep those of the first try.
#[derive(Clone)]
pub(super) struct Stamp {
    pub timestamp: u64,
    pub nonce: String,
}

impl Stamp {
    pub(super) fn new(now: u64, rng: &mut StdRng) -> Self {
        Self {
            timestamp: now,
            nonce: alphanumeric(rng, 12).to_lowercase(),
        }
    }
}

/// Encrypts and signs a message; `None` when the key of the callback is not well-formed.
pub(super) fn seal_message(
    (callback, corpid): (&Callback, &str),
    message: &str,
    stamp: Stamp,
    tamper: Option<Tamper>,
    rng: &mut StdRng,
) -> Option<Sealed> {
    let key = Key::parse(&callback.aes_key)?;
    let key = if tamper == Some(Tamper::Key) {
        key.spoiled()
    } else {
        key
    };
    let receive_id = if tamper == Some(Tamper::ReceiveId) {
        "ww0000000000000000"
    } else {
        corpid
    };
    let mut plain = envelope(rng.random(), message.as_bytes(), receive_id);
    if tamper == Some(Tamper::Length)
        && let Some(length) = plain.get_mut(16..20)
    {
        length.copy_from_slice(&0x00ff_ffff_u32.to_be_bytes());
    }
    pad(&mut plain);
    if tamper == Some(Tamper::Padding)
        && let Some(last) = plain.last_mut()
    {
        *last = 33;
    }
    let mut encrypted = seal(&key, plain);
    if tamper == Some(Tamper::Base64) {
        encrypted.truncate(encrypted.len() - 3);
    }
    let ago = if tamper == Some(Tamper::Stale) { 3600 } else { 0 };
    let timestamp = stamp.timestamp.saturating_sub(ago).to_string();
    let mut msg_signature = signature(&callback.token, &timestamp, &stamp.nonce, &encrypted);
    if tamper == Some(Tamper::Signature) {
        let flipped = if msg_signature.starts_with('0') { "1" } else { "0" };
        msg_signature.replace_range(..1, flipped);
    }
    Some(Sealed {
        msg_signature,
        timestamp,
        nonce: stamp.nonce,
        encrypted,
    })
}
