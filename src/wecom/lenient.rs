//! Mends JSON that a strict parser refuses for single bytes (reference 17.2): a byte-order mark, raw control characters in texts, UTF-8 that
//! was cut or broken, halves of surrogate pairs, escapes that JSON does not have. Structure is not guessed at, and in texts [`BROKEN`] stands where
//! something was: names lose it ([`super::text::line`]), and a userid or an address that bears it is none, since without it it would be somebody
//! else's.
//!
//! Only asked where strict parsing failed, so that ordinary replies cost nothing.

/// Stands in a text where something was that could not be read.
pub(super) const BROKEN: char = char::REPLACEMENT_CHARACTER;

/// The document as one that can be read.
pub(super) fn mend(document: &[u8]) -> String {
    let mut mended = String::with_capacity(document.len());
    for chunk in document.utf8_chunks() {
        mended.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            mended.push(BROKEN);
        }
    }
    Mender::default().mend(mended.trim_start_matches('\u{feff}'))
}

#[derive(Default)]
struct Mender {
    out: String,
    in_text: bool,
}

impl Mender {
    fn mend(mut self, document: &str) -> String {
        self.out.reserve(document.len());
        let mut rest = document.chars();
        while let Some(c) = rest.next() {
            match c {
                '\\' if self.in_text => {
                    let taken = self.escape(rest.as_str());
                    rest = rest.as_str().get(taken..).unwrap_or_default().chars();
                }
                '"' => {
                    self.in_text = !self.in_text;
                    self.out.push(c);
                }
                '\n' | '\r' | '\t' if self.in_text => self.out.push(' '),
                '\n' | '\r' | '\t' => self.out.push(c),
                c if c.is_ascii_control() || c == BROKEN => self.mark(),
                c => self.out.push(c),
            }
        }
        self.out
    }

    /// Marks a broken place; between texts nothing may stand.
    fn mark(&mut self) {
        if self.in_text {
            self.out.push(BROKEN);
        }
    }

    /// Copies an escape, if it is one; returns how many bytes after the backslash belong to it.
    fn escape(&mut self, rest: &str) -> usize {
        let Some(kind) = rest.chars().next() else { return 0 };
        match kind {
            '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' => {
                self.out.push('\\');
                self.out.push(kind);
                1
            }
            'u' => self.unicode(rest),
            // No escape: the character is looked at again.
            _ => {
                self.mark();
                0
            }
        }
    }

    /// Copies `uXXXX`, with its second half where it is the first of a surrogate pair; what stands for no character is marked.
    fn unicode(&mut self, rest: &str) -> usize {
        const FIRST: usize = 5;
        match unit(rest) {
            Some(0xD800..=0xDBFF) => {
                let second = rest.get(FIRST..).and_then(|rest| rest.strip_prefix('\\'));
                match second.and_then(unit) {
                    Some(0xDC00..=0xDFFF) => self.copy(rest, 2 * FIRST + 1),
                    _ => self.skip(FIRST),
                }
            }
            Some(0xDC00..=0xDFFF) => self.skip(FIRST),
            Some(_) => self.copy(rest, FIRST),
            None => self.skip(1),
        }
    }

    fn skip(&mut self, bytes: usize) -> usize {
        self.mark();
        bytes
    }

    fn copy(&mut self, rest: &str, bytes: usize) -> usize {
        self.out.push('\\');
        self.out.push_str(rest.get(..bytes).unwrap_or_default());
        bytes
    }
}

/// The UTF-16 unit of `uXXXX`.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix('u')?.get(..4)?;
    let plain = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    u16::from_str_radix(digits, 16).ok().filter(|_| plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::mend;

    fn name(bytes: &[u8]) -> Value {
        let document = [b"\xef\xbb\xbf {\"name\":\"a", bytes, b"b\",\n\t\"n\":1}\0"].concat();
        let mended = mend(&document);
        serde_json::from_str(&mended).unwrap_or_else(|error| panic!("{error}: {mended}"))
    }

    #[test]
    fn what_is_broken_is_marked_and_the_rest_stays() {
        for (bytes, text) in [
            (&b"\x01\x1f\x00"[..], "a���b"),
            (b"\n", "a b"),
            (b"\xe5\x8d", "a�b"),
            (b"\xff\xfe", "a��b"),
            (b"\xed\xa0\x80", "a���b"),
            (b"\\ud83d", "a�b"),
            (b"\\ude00", "a�b"),
            (b"\\ud83d\\u0041", "a�Ab"),
            (b"\\ud83d\\ude00", "a😀b"),
            (b"\\u0000", "a\0b"),
            (b"\\uZZZZ", "a�ZZZZb"),
            (b"\\x41\\'", "a�x41�'b"),
            (b"\\\\\\\"\\n", "a\\\"\nb"),
            ("李".as_bytes(), "a李b"),
        ] {
            assert_eq!(name(bytes), json!({ "name": text, "n": 1 }), "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn sound_json_is_left_as_it_is(texts in prop::collection::vec(any::<String>(), 0..8)) {
            let value = json!({ "list": texts });
            prop_assert_eq!(serde_json::from_str::<Value>(&mend(value.to_string().as_bytes())).unwrap(), value);
        }

        // A quote ends a text, whoever wrote it; everything else must not.
        #[test]
        fn no_bytes_inside_a_text_break_the_document(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let bytes: Vec<u8> = bytes.into_iter().filter(|byte| !matches!(byte, b'"' | b'\\')).collect();
            prop_assert_eq!(&name(&bytes)["n"], &json!(1));
        }

        #[test]
        fn escapes_never_break_the_document(escapes in prop::collection::vec("\\\\(u[0-9a-fA-FdD]{0,4}|[a-z0-9'/])", 0..8)) {
            prop_assert_eq!(&name(escapes.concat().as_bytes())["n"], &json!(1));
        }
    }
}
