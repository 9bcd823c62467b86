//! Reference codes (correlation ids): a person reads the code out to an admin, who finds the log line and the audit event with it.

use crate::kernel::entropy::Entropy;

/// Crockford's base 32, without letters that are mistaken for digits.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A new reference, e.g. `7K3F-9QXA`: 40 random bits, unique enough to find one line in a log.
pub fn new() -> String {
    let bytes: [u8; 8] = Entropy::system().bytes();
    let mut code: String = bytes
        .iter()
        .filter_map(|byte| ALPHABET.get(usize::from(byte % 32)))
        .map(|byte| char::from(*byte))
        .collect();
    code.insert(4, '-');
    code
}
