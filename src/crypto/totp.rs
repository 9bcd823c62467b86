//! TOTP, time-based one-time codes (RFC 6238 over RFC 4226): SHA-1, six digits, thirty seconds, because every authenticator app reads that.
//! Pure. Attempt limits, and that a code works once, are enforced by the caller.

use data_encoding::BASE32_NOPAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use totp_rs::{Algorithm, Builder, Totp};

use crate::kernel::clock::Timestamp;

/// Seconds a code is shown.
pub const STEP_SECONDS: i64 = 30;
/// Bytes of a secret (RFC 4226 §4 recommends 160 bits).
pub const SECRET_BYTES: usize = 20;
/// Steps a code may be early or late (RFC 6238 §5.2).
const DRIFT: u16 = 1;
/// All but the unreserved characters of RFC 3986 §2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The time step of a moment.
pub const fn step_of(now: Timestamp) -> i64 {
    now.secs().div_euclid(STEP_SECONDS)
}

fn totp(secret: &[u8]) -> Totp {
    let builder = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6);
    let builder = builder.with_step_duration(STEP_SECONDS.unsigned_abs()).with_skew(DRIFT);
    builder.with_secret(secret).build_noncompliant()
}

/// The code of a time step: six digits.
pub fn code(secret: &[u8], step: i64) -> String {
    let moment = step.saturating_mul(STEP_SECONDS).unsigned_abs();
    totp(secret).generate(moment).to_string()
}

/// The time step whose code this is: the current one or one to either side; compared in constant time.
pub fn step_matching(secret: &[u8], entered: &str, now: Timestamp) -> Option<i64> {
    let moment = u64::try_from(now.secs()).ok()?;
    let step = totp(secret).check(entered, moment)?;
    i64::try_from(step).ok()
}

/// Base 32 without padding (RFC 4648 §6), as authenticator apps take a secret.
pub fn base32(bytes: &[u8]) -> String {
    BASE32_NOPAD.encode(bytes)
}

/// The address an authenticator app reads from a QR code (Google's key URI format, which all of them understand).
pub fn uri(issuer: &str, account: &str, secret: &[u8]) -> String {
    let escape = |text| utf8_percent_encode(text, RESERVED);
    format!(
        "otpauth://totp/{0}:{1}?secret={2}&issuer={0}&algorithm=SHA1&digits=6&period={STEP_SECONDS}",
        escape(issuer),
        escape(account),
        base32(secret)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    /// RFC 6238 appendix B, SHA-1; its eight digits cut to six.
    #[test]
    fn the_test_vectors_of_rfc_6238() {
        for (seconds, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let step = step_of(Timestamp::from_secs(seconds));
            assert_eq!(code(SECRET, step), expected, "{seconds}");
        }
    }

    #[test]
    fn one_step_to_either_side_and_no_further() {
        let now = Timestamp::from_secs(1_234_567_890);
        let step = step_of(now);
        for (offset, known) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let entered = code(SECRET, step + offset);
            assert_eq!(
                step_matching(SECRET, &entered, now),
                known.then_some(step + offset),
                "{offset}"
            );
        }
        for odd in ["", "12345", "1234567", "５９２４００", "abcdef"] {
            assert_eq!(step_matching(SECRET, odd, now), None, "{odd}");
        }
    }

    /// RFC 4648 section 10, padding dropped.
    #[test]
    fn base_32_of_rfc_4648() {
        for (plain, expected) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(plain.as_bytes()), expected);
        }
        assert_eq!(base32(SECRET), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    #[test]
    fn the_uri_is_escaped() {
        let uri = uri("门禁 x", "a&b@c", b"foobar");
        assert_eq!(
            uri,
            "otpauth://totp/%E9%97%A8%E7%A6%81%20x:a%26b%40c?secret=MZXW6YTBOI&issuer=%E9%97%A8%E7%A6%81%20x&algorithm=SHA1&digits=6&period=30"
        );
    }
}
