//! Text that strangers chose, made harmless for mails and messages: on one line, without characters that hide or steer. Pure.

use crate::kernel::validation::is_invisible;

/// Longest value of a fact, characters.
const LONGEST: usize = 500;

/// One line of visible text: control characters become blanks, characters that are invisible or turn the direction of writing are gone.
pub fn line(text: &str) -> String {
    let shown = text
        .chars()
        .filter(|letter| !is_invisible(*letter))
        .map(|letter| if letter.is_control() { ' ' } else { letter });
    let whole: String = shown.collect();
    let whole = whole.split_whitespace().collect::<Vec<_>>().join(" ");
    match whole.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", whole.get(..end).unwrap_or_default()),
        None => whole,
    }
}

/// One line for a header of a mail: what begins like an encoded word (RFC 2047) is text too, which a mail program would decode into letters that
/// [`line`] took away.
pub fn header(text: &str) -> String {
    line(text).replace("=?", "＝?")
}

/// Text of which no mail program makes a link or an address: dots before a letter and the colon of `://` are full-width ones.
pub fn unlinked(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        plain.push(match (letter, letters.peek()) {
            ('.', Some(next)) if next.is_alphanumeric() => '．',
            (':', Some('/')) => '：',
            _ => letter,
        });
    }
    plain
}

/// Text within HTML, also within a quoted attribute.
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            letter => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_or_steers_is_gone() {
        assert_eq!(line("a\r\nBcc: b@c.example\0"), "a Bcc: b@c.example");
        assert_eq!(line("\u{202e}evil\u{2066}x\u{2069}\u{200b}"), "evilx");
        assert_eq!(line("  李\u{3000}华\t "), "李 华");
        assert_eq!(line(&"x".repeat(600)).chars().count(), 501);
    }

    #[test]
    fn no_encoded_word_is_written() {
        assert_eq!(header("a\r\n=?utf-8?q?=E2=80=AE?= b"), "a ＝?utf-8?q?=E2=80=AE?= b");
    }

    #[test]
    fn nothing_written_becomes_a_link() {
        assert_eq!(
            unlinked("见 https://evil.example/x. J. R., a@evil.中国"),
            "见 https：//evil．example/x. J. R., a@evil．中国"
        );
    }

    #[test]
    fn markup_is_text() {
        assert_eq!(escaped("<a href='\"&"), "&lt;a href=&#39;&quot;&amp;");
    }
}
