//! Seals a callback message: encryption and signature, tampering with exactly one part on demand (the negative cases of reference §6.7).

use rand::RngExt;
use rand::rngs::StdRng;

use super::{tamper::Tamper, target::Target};
use crate::crypto::{Key, envelope, pad, seal, signature};
use crate::errmsg::alphanumeric;
use crate::world::{Suite, World};

/// A receive id that nobody has.
const NOBODY: &str = "ww0000000000000000";

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

/// Another suite than the target's, with the same provider or not.
fn other<'a>(world: &'a World, target: &Target) -> Option<&'a Suite> {
    let mut suites = world.suites.values();
    suites.find(|suite| Some(&suite.suite_id) != target.suite.as_ref())
}

/// Token, key and receive id by which a message is sealed; `None` when the key of the callback is not well-formed.
fn keys(world: &World, target: &Target, tamper: Option<Tamper>) -> Option<(String, Key, String)> {
    let own = Key::parse(&target.callback.aes_key)?;
    let other = other(world, target);
    let other_key = || {
        let key = other.and_then(|suite| Key::parse(&suite.aes_key));
        key.unwrap_or_else(|| own.spoiled())
    };
    let other_id = || other.map_or(NOBODY, |suite| &suite.suite_id).to_owned();
    let provider = || {
        let suite = target.suite.as_ref().and_then(|id| world.suites.get(id));
        suite.map_or(NOBODY, |suite| &suite.provider).to_owned()
    };
    let (token, receive_id) = (target.callback.token.clone(), target.receive_id.clone());
    Some(match tamper {
        Some(Tamper::Key) => (token, own.spoiled(), receive_id),
        Some(Tamper::OtherSuiteKey) => (token, other_key(), receive_id),
        Some(Tamper::OtherSuite) => {
            let token = other.map_or(token, |suite| suite.token.clone());
            (token, other_key(), other_id())
        }
        Some(Tamper::ReceiveId) => (token, own, NOBODY.to_owned()),
        Some(Tamper::OtherSuiteId) => (token, own, other_id()),
        Some(Tamper::SuiteId) => (token, own, target.suite.clone().unwrap_or_else(|| NOBODY.to_owned())),
        Some(Tamper::ProviderId) => (token, own, provider()),
        _ => (token, own, receive_id),
    })
}

/// Encrypts and signs a message; `None` when the key of the callback is not well-formed.
pub(super) fn seal_message(
    (world, target): (&World, &Target),
    message: &str,
    stamp: Stamp,
    tamper: Option<Tamper>,
    rng: &mut StdRng,
) -> Option<Sealed> {
    let (token, key, receive_id) = keys(world, target, tamper)?;
    let mut plain = envelope(rng.random(), message.as_bytes(), &receive_id);
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
    let mut msg_signature = signature(&token, &timestamp, &stamp.nonce, &encrypted);
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
