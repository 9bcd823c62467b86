//! Reference codes (correlation ids): a person reads the code out to an admin, who finds the log line and the audit event with it.

use unicode_normalization::UnicodeNormalization;

use crate::kernel::entropy::Entropy;

/// Crockford's base 32, without letters that are mistaken for digits.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of a code, without the hyphen.
const LENGTH: usize = 8;
/// Longest text that is read as a code, bytes.
const LONGEST: usize = 100;

/// A new reference, e.g. `7K3F-9QXA`: 40 random bits, unique enough to find one line in a log.
pub fn new() -> String {
    let bytes: [u8; LENGTH] = Entropy::system().bytes();
    let code: String = bytes
        .iter()
        .filter_map(|byte| ALPHABET.get(usize::from(byte % 32)))
        .map(|byte| char::from(*byte))
        .collect();
    hyphenated(code)
}

/// The code that somebody typed: in whatever case and width, with blanks or hyphens anywhere or nowhere, and with letters for the digits they
/// look like (Crockford: `O` is 0, `I` and `L` are 1). `None`: this is no code.
pub fn typed(text: &str) -> Option<String> {
    if text.len() > LONGEST {
        return None;
    }
    let letters = text.nfkc().filter(|letter| !is_separator(*letter));
    let code: Option<String> = letters.map(character).collect();
    code.filter(|code| code.len() == LENGTH).map(hyphenated)
}

/// Blanks, and whatever a hyphen was turned into on its way.
fn is_separator(letter: char) -> bool {
    letter.is_whitespace()
        || matches!(
            letter,
            '-' | '_' | '.' | '\u{ad}' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2e3a}' | 'ー'
        )
}

fn character(letter: char) -> Option<char> {
    let letter = match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let known = ALPHABET.iter().any(|byte| char::from(*byte) == letter);
    known.then_some(letter)
}

fn hyphenated(mut code: String) -> String {
    code.insert(LENGTH / 2, '-');
    code
}

#[cfg(test)]
mod tests {
    use super::{new, typed};

    #[test]
    fn a_code_is_found_however_it_was_typed() {
        for text in [
            "7K3F-0Q1A",
            "7k3f-0q1a",
            "7k3f0q1a",
            " 7K3F 0Q1A ",
            "7K3F-OQIA",
            "7k3f–oqla",
            "7 K 3 F - 0 Q 1 A",
            "７Ｋ３Ｆ－０Ｑ１Ａ",
            "7K3F_0Q1A",
        ] {
            assert_eq!(typed(text).as_deref(), Some("7K3F-0Q1A"), "{text:?}");
        }
    }

    #[test]
    fn what_cannot_be_a_code_is_none() {
        for text in [
            "",
            "-",
            "7K3F-0Q1",
            "7K3F-0Q1A2",
            "7K3F-0QUA",
            "7K3F/0Q1A",
            "\0",
            &"7".repeat(1000),
        ] {
            assert_eq!(typed(text), None, "{text:?}");
        }
    }

    #[test]
    fn what_is_shown_leads_back_to_itself() {
        for _ in 0..1000 {
            let code = new();
            assert_eq!(typed(&code).as_deref(), Some(code.as_str()));
        }
    }
}
