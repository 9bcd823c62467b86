//! User codes: eight consonants (RFC 8628 §6.1), so that no word and no mistakable pair of letter and digit comes out, 20^8 of them. Pure
//! but for the randomness it is handed.

use crate::kernel::entropy::Entropy;

const ALPHABET: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
const LENGTH: usize = 8;
/// Bytes from here on would make some letters likelier than others.
const FAIR: u8 = 240;
/// Longest typed input that is read, characters.
const LONGEST: usize = 64;

/// A user code without its dash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserCode(String);

impl UserCode {
    /// A new one.
    pub fn random(entropy: &Entropy) -> Self {
        let mut code = String::with_capacity(LENGTH);
        while code.len() < LENGTH {
            let bytes: [u8; 16] = entropy.bytes();
            let fair = bytes.iter().filter(|byte| **byte < FAIR);
            let letters = fair.filter_map(|byte| ALPHABET.get(usize::from(byte % 20)));
            code.extend(letters.take(LENGTH - code.len()).map(|letter| char::from(*letter)));
        }
        Self(code)
    }

    /// From what somebody typed: letter case, dashes, spaces, and the wide letters of a Chinese keyboard do not matter. `None`: it cannot
    /// be one.
    pub fn read(typed: &str) -> Option<Self> {
        if typed.chars().count() > LONGEST {
            return None;
        }
        let letters = typed.chars().map(narrow).filter(|letter| letter.is_alphanumeric());
        let code: String = letters.map(|letter| letter.to_ascii_uppercase()).collect();
        let known = code.len() == LENGTH && code.bytes().all(|letter| ALPHABET.contains(&letter));
        known.then_some(Self(code))
    }

    /// Without the dash, as in keys of the store.
    pub fn bare(&self) -> &str {
        &self.0
    }

    /// As people see it, e.g. `BCDF-GHJK`.
    pub fn shown(&self) -> String {
        let (left, right) = self.0.split_at_checked(LENGTH / 2).unwrap_or((&self.0, ""));
        format!("{left}-{right}")
    }
}

/// Full-width forms as the plain letters they stand for.
fn narrow(letter: char) -> char {
    match letter {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{ALPHABET, UserCode};
    use crate::kernel::entropy::Entropy;

    #[test]
    fn codes_are_eight_consonants_and_every_letter_occurs() {
        let entropy = Entropy::seeded(1);
        let codes: Vec<UserCode> = (0..500).map(|_| UserCode::random(&entropy)).collect();
        let letters: HashSet<u8> = codes.iter().flat_map(|code| code.bare().bytes()).collect();
        assert_eq!(letters, ALPHABET.iter().copied().collect());
        assert!(
            codes
                .iter()
                .all(|code| code.bare().len() == 8 && code.shown().len() == 9)
        );
    }

    #[test]
    fn typing_is_forgiving_but_not_guessing() {
        let code = UserCode::read("BCDF-GHJK").unwrap();
        for typed in [
            "bcdfghjk",
            " bcdf ghjk ",
            "BcDf–GhJk",
            "b.c.d.f.g.h.j.k",
            "ＢＣＤＦ－ｇｈｊｋ",
        ] {
            assert_eq!(UserCode::read(typed).as_ref(), Some(&code), "{typed}");
        }
        for typed in [
            "",
            "BCDF-GHJ",
            "BCDF-GHJKL",
            "BCDF-GHJA",
            "BCDF-GHJ0",
            "密BCDFGHJK",
            &"B".repeat(5000),
        ] {
            assert!(UserCode::read(typed).is_none(), "{typed}");
        }
        assert_eq!(code.shown(), "BCDF-GHJK");
    }
}
