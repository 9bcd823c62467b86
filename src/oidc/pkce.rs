//! PKCE, method S256 (RFC 7636). Pure. The method `plain` is not supported.

use crate::crypto::digest::{equal, sha256_base64url};

/// Length of an S256 challenge: 32 bytes in unpadded base64url.
const CHALLENGE_LENGTH: usize = 43;

/// Whether this text has the syntax of an S256 challenge (RFC 7636 §4.2).
pub fn is_challenge(text: &str) -> bool {
    text.len() == CHALLENGE_LENGTH
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// Whether the verifier of a token request fits the challenge of the authorization request. A verifier where there was no challenge does
/// not fit either: somebody removed the challenge on its way (PKCE downgrade, RFC 9700 §4.8.2).
pub fn fits(challenge: Option<&str>, verifier: Option<&str>) -> bool {
    match (challenge, verifier) {
        (None, None) => true,
        (Some(challenge), Some(verifier)) => {
            is_verifier(verifier) && equal(sha256_base64url(verifier.as_bytes()).as_bytes(), challenge.as_bytes())
        }
        _ => false,
    }
}

/// Whether this text has the syntax of a verifier (RFC 7636 §4.1): 43 to 128 unreserved characters.
fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~'))
}

#[cfg(test)]
mod tests {
    use super::{fits, is_challenge};

    /// RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_vector_of_appendix_b() {
        assert!(is_challenge(CHALLENGE));
        assert!(fits(Some(CHALLENGE), Some(VERIFIER)));
    }

    #[test]
    fn nothing_else_fits() {
        assert!(!fits(Some(CHALLENGE), None));
        assert!(!fits(Some(CHALLENGE), Some(CHALLENGE)));
        assert!(!fits(None, Some(VERIFIER)));
        assert!(!fits(Some(CHALLENGE), Some("short")));
        assert!(fits(None, None));
        assert!(!is_challenge("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c="));
        assert!(!is_challenge(&"a".repeat(44)));
    }
}
