//! SHA-256 digests of random secrets that must be found again but not kept: codes, tokens, cookies, client secrets; and of what
//! is only to be told apart.
//!
//! Only for values with full entropy; passwords that people choose go through argon2.

use std::io::{self, BufRead, BufReader, Read};

use aws_lc_rs::digest::{Context, SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use subtle::ConstantTimeEq;

use crate::kernel::entity_tag::EntityTag;

/// Bytes that are read of a file at once.
const AT_ONCE: usize = 64 * 1024;
/// Bytes of a digest that an entity tag consists of: more than enough to tell states apart.
const TAG_BYTES: usize = 15;

/// SHA-256, 32 bytes.
pub fn sha256(value: &[u8]) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest(&SHA256, value).as_ref());
    bytes
}

/// SHA-256 of what comes in parts.
pub struct Sha256(Context);

impl Default for Sha256 {
    fn default() -> Self {
        Self(Context::new(&SHA256))
    }
}

impl Sha256 {
    /// Adds the next part.
    pub fn update(&mut self, part: &[u8]) {
        self.0.update(part);
    }

    /// The digest of all parts, 32 bytes.
    pub fn finish(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.0.finish().as_ref());
        bytes
    }
}

/// SHA-256 of all that can be read here.
///
/// # Errors
/// When it cannot be read to its end.
pub fn sha256_of(from: impl Read) -> io::Result<[u8; 32]> {
    let mut from = BufReader::with_capacity(AT_ONCE, from);
    let mut digest = Sha256::default();
    loop {
        let part = from.fill_buf()?;
        let length = part.len();
        if length == 0 {
            break;
        }
        digest.update(part);
        from.consume(length);
    }
    Ok(digest.finish())
}

/// SHA-256 as 43 base64url characters: a token's key in a database or cache. Also PKCE's S256 (RFC 7636 §4.2).
pub fn sha256_base64url(value: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(sha256(value))
}

/// The entity tag of a resource whose editable columns are these. Two that serialise alike are the same state.
pub fn entity_tag(columns: &impl Serialize) -> EntityTag {
    let digest = sha256(&serde_json::to_vec(columns).unwrap_or_default());
    EntityTag::new(URL_SAFE_NO_PAD.encode(digest.get(..TAG_BYTES).unwrap_or_default()))
}

/// Compares in constant time, so that the time taken does not tell where they differ.
pub fn equal(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}

#[cfg(test)]
mod tests {
    use super::{AT_ONCE, sha256, sha256_of};

    #[test]
    fn what_is_read_in_parts_has_the_digest_of_the_whole() {
        for length in [0, 1, AT_ONCE, AT_ONCE + 1] {
            let whole = vec![7_u8; length];
            assert_eq!(sha256_of(whole.as_slice()).unwrap(), sha256(&whole));
        }
    }
}
