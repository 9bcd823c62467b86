//! The forms in which mobile numbers and e-mail addresses are compared, however people write them. Pure.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// The digits of a number without China's own country code and the 0 before an area code (`+86 10 12345678` is `010-12345678`); `None` where
/// there are none.
pub fn number(mobile: &str) -> Option<String> {
    let mobile = plain(mobile);
    let all: String = mobile.chars().filter(char::is_ascii_digit).collect();
    let digits = all.trim_start_matches("00");
    let with_country = digits.len() < all.len() || mobile.trim_start().starts_with('+');
    let at_home = digits
        .strip_prefix("86")
        .filter(|rest| with_country || rest.len() == 11);
    // Of other countries nobody knows whether the 0 belongs to the number.
    let bare = match at_home {
        Some(rest) => rest.strip_prefix('0').unwrap_or(rest),
        None if with_country => digits,
        None => digits.strip_prefix('0').unwrap_or(digits),
    };
    (!bare.is_empty()).then(|| bare.to_owned())
}

/// An address as it is compared; `None` where there is none.
pub fn address(email: &str) -> Option<String> {
    let email = plain(email.trim()).to_lowercase();
    (!email.is_empty()).then_some(email)
}

/// One form for letters and digits that look alike, such as full-width ones.
fn plain(text: &str) -> Cow<'_, str> {
    match text.is_ascii() {
        true => Cow::Borrowed(text),
        false => Cow::Owned(text.nfkc().collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_are_compared_without_chinas_code_and_the_0_before_an_area_code() {
        for (written, is) in [
            ("-", None),
            ("0", None),
            ("010-12345678", Some("1012345678")),
            ("+86 10 12345678", Some("1012345678")),
            ("+86 (0)10 12345678", Some("1012345678")),
            ("0086-10-12345678", Some("1012345678")),
            ("+44 20 7946 0000", Some("442079460000")),
            ("+39 06 1234567", Some("39061234567")),
        ] {
            assert_eq!(number(written).as_deref(), is, "{written}");
        }
    }
}
