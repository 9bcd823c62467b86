//! The one place where text from WeCom is cleaned: what members and admins typed there reaches databases, pages and portals.
//!
//! | text | bound | what does not fit |
//! |---|---|---|
//! | names, aliases, positions, departments, tags, apps | [`LONGEST`] characters on one line (WeCom's own bounds: 32 to 128) | is cut |
//! | e-mail address, mobile number, address of a picture | as [`crate::kernel::formats`] | is left out, never mended: another address is another person's |
//! | userid | [`super::model::is_userid`] | makes the row malformed, never mended: another userid is another person's |
//! | tokens, tickets, cursors | none | opaque, handed back as they came |

use super::lenient::BROKEN;
use crate::kernel::validation::is_invisible;

/// Longest name kept, in characters.
pub(super) const LONGEST: usize = 200;
/// Longest part of an unusable userid shown, in characters.
const LONGEST_SHOWN: usize = 128;

/// A text after cleaning.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Cleaned {
    /// `None` when nothing is left.
    pub(super) text: Option<String>,
    /// What had to be done besides trimming, for the admin.
    pub(super) remark: Option<&'static str>,
}

/// Makes one line of a text, of at most `longest` characters. Line breaks and tabs become blanks; other control characters, and those that
/// nobody sees or that turn the direction of writing, go, and so does what stands for broken ones.
pub(super) fn line(raw: &str, longest: usize) -> Cleaned {
    let mut text = String::new();
    let (mut left, mut remark) = (longest, None);
    for c in raw.trim().chars() {
        let kept = match c {
            '\t' | '\n' | '\u{b}' | '\u{c}' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some(' '),
            c if c.is_control() || is_invisible(c) || c == BROKEN => None,
            c => Some(c),
        };
        if kept != Some(c) {
            remark = Some("held characters that do not belong in a line of text; they were taken out");
        }
        let Some(c) = kept.filter(|c| *c != ' ' || !text.ends_with(' ')) else {
            continue;
        };
        if left == 0 {
            remark = Some("was too long and was cut");
            break;
        }
        left -= 1;
        text.push(c);
    }
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{200d}');
    Cleaned {
        text: Some(text.to_owned()).filter(|text| !text.is_empty()),
        remark,
    }
}

/// Whether this stands for nothing: empty, or the word that some programs write for nothing.
pub(super) fn is_nothing(text: &str) -> bool {
    matches!(text.trim(), "" | "null" | "NULL" | "undefined")
}

/// A text that is no userid, in a form that can be shown and can be nobody's userid.
pub(super) fn shown(raw: &str) -> String {
    let mut shown = String::new();
    for c in raw.chars().take(LONGEST_SHOWN) {
        if c == '\\' || c.is_control() || c.is_whitespace() || is_invisible(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    if raw.chars().nth(LONGEST_SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(raw: &str) -> Option<String> {
        line(raw, 10).text
    }

    #[test]
    fn what_cannot_be_seen_goes_and_a_line_stays_a_line() {
        for (raw, clean) in [
            (" 李华 ", Some("李华")),
            ("李\0华", Some("李华")),
            ("李\u{fffd}华", Some("李华")),
            ("a\u{1}\u{7f}\u{9f}b", Some("ab")),
            ("\u{202e}gnp.x\u{2066}y\u{2069}", Some("gnp.xy")),
            ("研发\r\n\n中心\t一部", Some("研发 中心 一部")),
            ("a\u{2028}b\u{2029}c\u{85}d", Some("a b c d")),
            ("\u{feff}a\u{200b}b\u{ad}", Some("ab")),
            ("👨\u{200d}👩\u{200d}👧", Some("👨\u{200d}👩\u{200d}👧")),
            ("\0 \u{202e}\u{200d}", None),
            ("", None),
            ("0123456789abc", Some("0123456789")),
        ] {
            assert_eq!(cleaned(raw).as_deref(), clean, "{raw:?}");
        }
    }

    #[test]
    fn only_what_changed_more_than_blanks_is_remarked() {
        assert_eq!(line(" 李华 ", 10).remark, None);
        assert_eq!(line("0123456789", 10).remark, None);
        assert!(
            line("01234567890", 10)
                .remark
                .is_some_and(|remark| remark.contains("cut"))
        );
        assert!(line("a\u{202e}", 10).remark.is_some());
    }

    #[test]
    fn an_unusable_userid_is_shown_as_nobodys() {
        assert_eq!(shown("li\0hua\u{202e}"), "li\\u{0}hua\\u{202e}");
        assert_eq!(shown("a\\u{0}"), "a\\u{5c}u{0}");
        assert_eq!(shown(&"x".repeat(200)).chars().count(), LONGEST_SHOWN + 1);
    }
}
