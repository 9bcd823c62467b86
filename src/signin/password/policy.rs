//! Password policy: length and a short list of common passwords (NIST SP 800-63B §5.1.1.2); no character classes, no expiry. Pure.

use unicode_normalization::UnicodeNormalization;

use crate::kernel::secret::Secret;

/// Minimum length, characters.
pub const LEAST: usize = 12;
/// Maximum length, characters.
pub const MOST: usize = 256;

/// Normalises a password (NFKC; NIST SP 800-63B §5.1.1.2) before it is checked or hashed: letters that look alike and are composed
/// differently by another keyboard, and the wide and narrow forms of Chinese input methods, become the same. `None` for what is too long to
/// become a password: no character is made of more than four that people type.
pub fn normal(typed: &Secret<String>) -> Option<Secret<String>> {
    let plausible = typed.expose().chars().count() <= MOST.saturating_mul(4);
    plausible.then(|| Secret::new(typed.expose().nfkc().collect()))
}

/// Why a password is not acceptable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyViolation {
    /// Fewer than [`LEAST`] characters.
    TooShort,
    /// More than [`MOST`].
    TooLong,
    /// It is the username, or little more.
    Username,
    /// One of the most common passwords.
    Common,
    /// The two entries differ.
    NotTheSame,
}

impl PolicyViolation {
    /// Key of the sentence on the page.
    pub const fn text(self) -> &'static str {
        match self {
            Self::TooShort => "password-too-short",
            Self::TooLong => "password-too-long",
            Self::Username => "password-is-username",
            Self::Common => "password-common",
            Self::NotTheSame => "password-not-same",
        }
    }
}

/// The most common passwords of twelve and more characters, without the digits and signs around them.
const COMMON: &[&str] = &[
    "password",
    "passwordpassword",
    "passw0rd",
    "p@ssword",
    "p@ssw0rd",
    "qwerty",
    "qwertyuiop",
    "qwertyuiopasdfghjkl",
    "qwertyqwerty",
    "qwerqwerqwer",
    "asdfghjkl",
    "asdfasdfasdf",
    "zxcvbnm",
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "1qaz2wsx3edc4rfv",
    "qazwsxedc",
    "qazwsxedcrfv",
    "zaq12wsxcde3",
    "letmein",
    "letmeinletmein",
    "welcome",
    "welcomewelcome",
    "iloveyou",
    "iloveyouiloveyou",
    "administrator",
    "admin",
    "adminadmin",
    "adminadminadmin",
    "changeme",
    "changemechangeme",
    "changeit",
    "default",
    "defaultpassword",
    "mypassword",
    "newpassword",
    "yourpassword",
    "temppassword",
    "secretpassword",
    "superman",
    "sunshine",
    "princess",
    "football",
    "baseball",
    "dragon",
    "monkey",
    "woaini",
    "woaini1314520",
    "5201314",
    "menjin",
    "menjinmenjin",
    "wecom",
    "abcdefghijkl",
    "abcdefghijklm",
    "abcdefghijklmnopqrstuvwxyz",
    "abcabcabcabc",
    "abcdabcdabcd",
    "aaaabbbbcccc",
    "correcthorsebatterystaple",
    "correct horse battery staple",
    "thisismypassword",
    "trustno1",
    "unbelievable",
    "masterpassword",
];

/// Whether this user may choose this password, in its [`normal`] form.
///
/// # Errors
/// The first reason why not.
pub fn check(username: &str, password: &str, again: &str) -> Result<(), PolicyViolation> {
    let length = password.chars().count();
    let folded = password.to_lowercase();
    if length < LEAST {
        return Err(PolicyViolation::TooShort);
    }
    if length > MOST {
        return Err(PolicyViolation::TooLong);
    }
    if is_username(&username.to_lowercase(), &folded) {
        return Err(PolicyViolation::Username);
    }
    if is_common(&folded) {
        return Err(PolicyViolation::Common);
    }
    if password != again {
        return Err(PolicyViolation::NotTheSame);
    }
    Ok(())
}

/// Whether the password is the username, also with digits and signs around it, which is what people add.
fn is_username(username: &str, folded: &str) -> bool {
    let own = username.split('@').next().unwrap_or(username);
    folded == username || !own.is_empty() && core(folded) == core(own)
}

fn is_common(folded: &str) -> bool {
    let core = core(folded);
    core.is_empty() && is_monotonous(folded)
        || COMMON.contains(&folded)
        || COMMON.contains(&core)
        || is_monotonous(folded)
}

/// The text without the digits and signs in front and behind.
fn core(text: &str) -> &str {
    text.trim_matches(|c: char| !c.is_alphabetic())
}

/// A short piece over and over, or a run up or down: `aaaaaaaaaaaa`, `123123123123`, `123456789012`.
fn is_monotonous(folded: &str) -> bool {
    let letters: Vec<u32> = folded.chars().map(u32::from).collect();
    let repeats = |period: usize| {
        letters
            .iter()
            .zip(letters.iter().skip(period))
            .all(|(one, other)| one == other)
    };
    let steps: Vec<i64> = letters
        .iter()
        .zip(letters.iter().skip(1))
        .map(|(one, next)| i64::from(*next) - i64::from(*one))
        .collect();
    // 9 is followed by 0 on the way up, 0 by 9 on the way down.
    let up = steps.iter().all(|step| matches!(step, 1 | -9));
    let down = steps.iter().all(|step| matches!(step, -1 | 9));
    (1..=4).any(repeats) || up || down
}

#[cfg(test)]
mod tests {
    use super::{MOST, PolicyViolation, check, normal};
    use crate::kernel::secret::Secret;

    fn says(password: &str) -> Result<(), PolicyViolation> {
        check("Zhang.Wei@corp", password, password)
    }

    #[test]
    fn length_counts_in_characters() {
        assert_eq!(says("elevenchars"), Err(PolicyViolation::TooShort));
        assert_eq!(says("twelve chars"), Ok(()));
        assert_eq!(says("我家的门朝着东边的大海开"), Ok(()));
        assert_eq!(says("我家的门朝着东边的海开"), Err(PolicyViolation::TooShort));
        let long: String = "ab cd ef gh ij kl mn op qr st uv wx "
            .chars()
            .cycle()
            .take(257)
            .collect();
        assert_eq!(says(&long), Err(PolicyViolation::TooLong));
        assert_eq!(says(&long[..256]), Ok(()));
    }

    #[test]
    fn one_password_has_one_form() {
        let of = |typed: &str| normal(&Secret::new(typed.to_owned())).map(|form| form.expose().clone());
        assert_eq!(
            of("cafe\u{301} de l\u{2019}e\u{301}t\u{e9}"),
            of("caf\u{e9} de l\u{2019}\u{e9}te\u{301}")
        );
        assert_eq!(of("\u{ff21}\u{ff22}\u{ff11}\u{3000}\u{fb01}n").unwrap(), "AB1 fin");
        assert_eq!(of("\u{1112}\u{1161}\u{11ab}"), of("\u{d55c}"));
        assert_ne!(of("a"), of("A"));
        assert!(of(&"e\u{301}".repeat(MOST)).unwrap().chars().count() == MOST);
        assert!(of(&"x".repeat(4 * MOST + 1)).is_none());
    }

    #[test]
    fn what_everybody_tries_first_is_refused() {
        for common in [
            "password1234",
            "PASSWORD2026!",
            "!!qwertyuiop!!",
            "123456789012",
            "098765432109",
            "aaaaaaaaaaaa",
            "123123123123",
            "abcdefghijkl",
            "Passw0rd!!!!!",
            "1q2w3e4r5t6y",
            "adminadmin123",
        ] {
            assert_eq!(says(common), Err(PolicyViolation::Common), "{common}");
        }
        assert_eq!(says("a long walk to the sea"), Ok(()));
        assert_eq!(says("749201856633"), Ok(()), "digits alone may be random");
    }

    #[test]
    fn the_username_is_no_password_and_both_entries_agree() {
        assert_eq!(says("zhang.wei@CORP"), Err(PolicyViolation::Username));
        assert_eq!(says("zhang.wei2026"), Err(PolicyViolation::Username));
        assert_eq!(
            check("x", "twelve chars", "twelve charz"),
            Err(PolicyViolation::NotTheSame)
        );
    }
}
