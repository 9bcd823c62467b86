//! SHA-256 digests of random secrets that must be found again but not kept: codes, tokens, cookies, client secrets.
//!
//! Only for values with full entropy; passwords that people choose go through argon2.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq;

/// SHA-256, 32 bytes.
pub fn sha256(value: &[u8]) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest(&SHA256, value).as_ref());
    bytes
}

/// SHA-256 as 43 base64url characters: a token's key in a database or cache. Also PKCE's S256 (RFC 7636 §4.2).
pub fn sha256_base64url(value: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(sha256(value))
}

/// Compares in constant time, so that the time taken does not tell where they differ.
pub fn equal(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}
