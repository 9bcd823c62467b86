//! Userids in rows that could not be read, and whose rows they may be. A row with a broken userid may be that of anybody whose userid fits what is
//! left of it: whoever is missed and fits was not read, rather than is not there. Pure.

use std::collections::HashSet;

use super::snapshot::key;
use crate::wecom::model::is_userid;

/// Stands in a userid where something was that could not be read.
const BROKEN: char = char::REPLACEMENT_CHARACTER;
/// Begins a character that cannot be seen, told by its number; `}` ends it.
const ESCAPED: &str = "\\u{";

/// Whose rows could not be read.
#[derive(Debug, Default)]
pub struct UnreadUserids {
    /// Of rows whose userid could be read.
    whole: HashSet<String>,
    /// What could be read of the others, in lower case: anything may stand between two pieces, and nothing.
    pieces: Vec<Vec<String>>,
    nameless: bool,
}

impl UnreadUserids {
    /// By the userids of such rows, as they are shown; `None`: of one no userid could be read.
    pub fn of<'a>(rows: impl Iterator<Item = Option<&'a str>>) -> Self {
        let mut unread = Self::default();
        for row in rows {
            match row {
                Some(userid) if is_userid(userid) => drop(unread.whole.insert(key(userid))),
                Some(shown) => unread.add_broken(&key(shown)),
                None => unread.nameless = true,
            }
        }
        unread
    }

    /// What is whole, and no userid all the same, is nobody's.
    fn add_broken(&mut self, shown: &str) {
        let mut pieces = vec![String::new()];
        let mut rest = shown;
        while let Some(next) = rest.chars().next() {
            if let Some(after) = rest.strip_prefix(ESCAPED) {
                pieces.push(String::new());
                rest = after.split_once('}').map_or("", |(_, after)| after);
                continue;
            }
            match (next, pieces.last_mut()) {
                (BROKEN, _) | (_, None) => pieces.push(String::new()),
                (letter, Some(piece)) => piece.push(letter),
            }
            rest = rest.get(next.len_utf8()..).unwrap_or_default();
        }
        match pieces.iter().all(String::is_empty) {
            true => self.nameless = true,
            false if pieces.len() > 1 => self.pieces.push(pieces),
            false => {}
        }
    }

    /// Whether the row of whoever has this key may be one of them; those without any readable userid are not asked.
    pub fn may_be(&self, key: &str) -> bool {
        self.whole.contains(key) || self.pieces.iter().any(|pieces| fits(pieces, key))
    }

    /// Whether of a row nothing of the userid could be read, so that it may be anybody's.
    pub const fn any_nameless(&self) -> bool {
        self.nameless
    }
}

/// Whether a key consists of these pieces, in this order, with anything between two of them.
fn fits(pieces: &[String], key: &str) -> bool {
    let ([first, between @ .., last], true) = (pieces, pieces.len() > 1) else {
        return false;
    };
    let Some(mut rest) = key.strip_prefix(first.as_str()) else {
        return false;
    };
    for piece in between {
        let Some((_, after)) = rest.split_once(piece.as_str()) else {
            return false;
        };
        rest = after;
    }
    rest.ends_with(last.as_str())
}

#[cfg(test)]
mod tests {
    use super::UnreadUserids;

    #[test]
    fn a_broken_userid_may_be_anybodys_who_fits_what_is_left_of_it() {
        for (shown, fits, differs) in [
            ("li\u{fffd}hua", "lihua", "li"),
            ("li\u{fffd}hua", "li.hua", "lihua2"),
            ("Li\\u{1}Hua", "lihua", "zhaoliu"),
            ("lihua\\u{20}", "lihua", "xlihua"),
            ("\\u{202e}lihua", "lihua", "lihuax"),
            ("a\u{fffd}b\\u{0}c", "a1b2c", "acb"),
            ("\u{fffd}hua", "lihua", "lihuang"),
        ] {
            let unread = UnreadUserids::of([Some(shown)].into_iter());
            assert!(unread.may_be(fits) && !unread.may_be(differs), "{shown}");
            assert!(!unread.any_nameless(), "{shown}");
        }
    }

    #[test]
    fn what_is_whole_is_its_owners_or_nobodys() {
        let unread = UnreadUserids::of([Some("LiHua"), Some("张三"), Some("-lihua2")].into_iter());
        assert!(unread.may_be("lihua") && !unread.any_nameless());
        assert!(!unread.may_be("lihua2") && !unread.may_be("张三"));
    }

    #[test]
    fn of_which_nothing_is_left_may_be_anybodys() {
        for shown in [Some("\u{fffd}"), Some("\\u{200b}\\u{0}"), None] {
            let unread = UnreadUserids::of([shown].into_iter());
            assert!(unread.any_nameless() && !unread.may_be("lihua"), "{shown:?}");
        }
    }
}
