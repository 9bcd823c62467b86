//! Compares names. Companies append to them (`张伟(外包)`, `Li Hua-IT`, `张伟2`), and what is appended says where somebody works, not who
//! they are. Pure.

/// What two names say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NameMatch {
    /// The same but for letter case and blanks around them.
    Equal,
    /// The same once remarks, suffixes and blanks are taken away.
    Alike,
    /// Not given on one side.
    Withheld,
    /// Another name.
    Different,
}

/// Opening and closing brackets of a remark.
const BRACKETS: [(char, char); 9] = [
    ('(', ')'),
    ('（', '）'),
    ('[', ']'),
    ('【', '】'),
    ('<', '>'),
    ('《', '》'),
    ('「', '」'),
    ('{', '}'),
    ('〔', '〕'),
];

/// Compares two names, each as far as it is given.
pub fn compare(one: Option<&str>, other: Option<&str>) -> NameMatch {
    let (Some(one), Some(other)) = (given(one), given(other)) else {
        return NameMatch::Withheld;
    };
    if one == other {
        return NameMatch::Equal;
    }
    let (one, other) = (Parts::of(&one), Parts::of(&other));
    // Two numbers are there to tell two people apart.
    let numbered_apart = !one.number.is_empty() && !other.number.is_empty() && one.number != other.number;
    if one.base == other.base && !numbered_apart {
        NameMatch::Alike
    } else {
        NameMatch::Different
    }
}

fn given(name: Option<&str>) -> Option<String> {
    let name = name?.trim().to_lowercase();
    (!name.is_empty()).then_some(name)
}

/// A name without what was appended, and the number it ended with.
struct Parts {
    base: String,
    number: String,
}

impl Parts {
    fn of(name: &str) -> Self {
        let bare = without_suffix(&without_remarks(name));
        let packed: String = bare.chars().filter(|letter| !letter.is_whitespace()).collect();
        let base = packed.trim_end_matches(|letter: char| letter.is_numeric());
        let whole = || name.chars().filter(|letter| !letter.is_whitespace()).collect();
        if base.is_empty() {
            return Self {
                base: whole(),
                number: String::new(),
            };
        }
        Self {
            base: base.to_owned(),
            number: packed.get(base.len()..).unwrap_or_default().to_owned(),
        }
    }
}

/// The name without what stands in brackets.
fn without_remarks(name: &str) -> String {
    let mut kept = String::new();
    let mut awaited = None;
    for letter in name.chars() {
        match awaited {
            Some(close) if letter == close => awaited = None,
            Some(_) => {}
            None => match BRACKETS.iter().find(|(open, _)| *open == letter) {
                Some((_, close)) => awaited = Some(*close),
                None => kept.push(letter),
            },
        }
    }
    kept.trim().to_owned()
}

/// The name up to the first sign that appends something; a blank does so only after a name of more than one letter that is not written in
/// ASCII (`张伟 外包`, not `Li Hua` or `张 伟`).
fn without_suffix(name: &str) -> String {
    let mut kept = String::new();
    for letter in name.chars() {
        let after_name = kept.chars().count() > 1 && !kept.is_ascii();
        let appends = matches!(letter, '-' | '–' | '—' | '－' | '_' | '/' | '|' | '@' | '#' | '+')
            || (letter.is_whitespace() && after_name);
        if appends && !kept.trim().is_empty() {
            break;
        }
        kept.push(letter);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::{NameMatch, compare};

    #[test]
    fn what_is_appended_to_a_name_does_not_make_it_another() {
        for (one, other, is) in [
            ("张伟", "张伟", NameMatch::Equal),
            ("Li Hua", " li hua ", NameMatch::Equal),
            ("张伟", "张伟(外包)", NameMatch::Alike),
            ("张伟", "张伟（外包）", NameMatch::Alike),
            ("张伟（外包）", "张伟（正式）", NameMatch::Alike),
            ("张伟", "【休假】张伟", NameMatch::Alike),
            ("张伟", "张伟-IT", NameMatch::Alike),
            ("张伟", "张伟2", NameMatch::Alike),
            ("张伟", "张 伟", NameMatch::Alike),
            ("张伟", "张伟 外包", NameMatch::Alike),
            ("Li Hua", "Li Hua-IT", NameMatch::Alike),
            ("Li Hua", "LiHua", NameMatch::Alike),
            ("张伟1", "张伟2", NameMatch::Different),
            ("张伟", "张维", NameMatch::Different),
            ("Li Hua", "Li Wei", NameMatch::Different),
            ("Li", "Li Wei", NameMatch::Different),
            ("(外包)", "(正式)", NameMatch::Different),
            ("2", "3", NameMatch::Different),
        ] {
            assert_eq!(compare(Some(one), Some(other)), is, "{one} {other}");
            assert_eq!(compare(Some(other), Some(one)), is, "{other} {one}");
        }
        for absent in [None, Some(""), Some("  ")] {
            assert_eq!(compare(Some("张伟"), absent), NameMatch::Withheld);
        }
    }
}
