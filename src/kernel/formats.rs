//! Formats of the values that become claims: e-mail addresses, telephone numbers, web addresses. Pure.
//!
//! One rule for what an admin enters and for what WeCom gives.

use unicode_normalization::is_nfkc;

use super::{address, validation::is_invisible};

/// Whether this is an e-mail address of at most 254 bytes. Only what mail systems refuse is refused here (quoted local parts and comments
/// among it, which nobody has), and full-width letters, which Chinese keyboards type and no mailbox has; whether it works is for a proof to find
/// out.
pub fn is_email(value: &str) -> bool {
    let hidden = |c: char| c.is_whitespace() || c.is_control() || is_invisible(c) || c == char::REPLACEMENT_CHARACTER;
    if value.len() > 254 || value.contains(hidden) || !is_nfkc(value) {
        return false;
    }
    let Some((local, domain)) = value.split_once('@') else {
        return false;
    };
    let special = |c: char| {
        matches!(
            c,
            '(' | ')' | '<' | '>' | '[' | ']' | ':' | ';' | ',' | '"' | '\\' | '@'
        )
    };
    let label = |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    !local.is_empty() && !local.contains(special) && domain.split('.').all(label)
}

/// Whether this is a telephone number: 3 to 32 digits, with blanks, `+ - ( )` between them.
pub fn is_phone(value: &str) -> bool {
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let allowed = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '(' | ')' | ' ');
    (3..=32).contains(&digits) && value.len() <= 64 && value.chars().all(allowed)
}

/// Whether this is an `http` or `https` address of at most 2,000 printable ASCII characters.
pub fn is_web_address(value: &str) -> bool {
    let plain = value.len() <= 2000 && value.chars().all(|c| c.is_ascii_graphic());
    plain && address::absolute(value).is_some_and(|url| matches!(url.scheme(), "http" | "https"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e_mail_addresses() {
        for good in ["a@b", "li.hua+x@corp.example", "李华@公司.中国", "o'neil@corp.example"] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "",
            "null",
            "a@b@c",
            "@b",
            "a@",
            "a b@c",
            "a@b..c",
            "a@b.",
            "a@.b",
            "a@b,c@d",
            "<a@b.example>",
            "ｌｉ@corp.example",
            "li＠corp.example",
            "a@b.example;",
            "a\u{202e}@b.example",
            "a@b\u{200b}.example",
            "a\0@b",
            "a\u{fffd}@b",
            "mailto:a@b",
        ] {
            assert!(!is_email(bad), "{bad:?}");
        }
        assert!(!is_email(&format!("{}@b.example", "a".repeat(250))));
    }

    #[test]
    fn telephone_numbers_and_web_addresses() {
        assert!(is_phone("+86 138-0013-8000") && !is_phone("12") && !is_phone("138x") && !is_phone("138\n0013"));
        assert!(is_web_address("https://a/b.png") && !is_web_address("javascript:alert(1)") && !is_web_address("/a"));
    }
}
