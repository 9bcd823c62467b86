//! Names that look like another one. Pure.
//!
//! Names are compared by a skeleton, as Unicode Technical Standard 39 section 4 does, with its mappings of the letters that usernames may
//! consist of and that look like ASCII.

use unicode_normalization::UnicodeNormalization;

/// Words that say somebody is in charge here. They may be usernames themselves.
const IN_CHARGE: [&str; 7] = [
    "admin",
    "administrator",
    "auditor",
    "menjin",
    "operator",
    "root",
    "system",
];

/// Lower-case letters with what they look like: Cyrillic, Greek, Armenian, Latin beyond ASCII, digits.
const LOOK_LIKE: [(char, char); 41] = [
    ('а', 'a'),
    ('ɑ', 'a'),
    ('α', 'a'),
    ('Ь', 'b'),
    ('с', 'c'),
    ('ϲ', 'c'),
    ('ԁ', 'd'),
    ('е', 'e'),
    ('ҽ', 'e'),
    ('ɡ', 'g'),
    ('ց', 'g'),
    ('һ', 'h'),
    ('հ', 'h'),
    ('і', 'i'),
    ('ı', 'i'),
    ('ι', 'i'),
    ('ɩ', 'i'),
    ('ј', 'j'),
    ('ϳ', 'j'),
    ('κ', 'k'),
    ('к', 'k'),
    ('ӏ', 'l'),
    ('ǀ', 'l'),
    ('1', 'l'),
    ('м', 'm'),
    ('ո', 'n'),
    ('п', 'n'),
    ('о', 'o'),
    ('ο', 'o'),
    ('օ', 'o'),
    ('0', 'o'),
    ('р', 'p'),
    ('ρ', 'p'),
    ('ԛ', 'q'),
    ('г', 'r'),
    ('ѕ', 's'),
    ('т', 't'),
    ('τ', 't'),
    ('υ', 'u'),
    ('х', 'x'),
    ('у', 'y'),
];

/// What a name looks like. Accents are dropped; a capital I looks like an l.
fn skeleton(name: &str) -> String {
    let looks = |letter: char| {
        let known = LOOK_LIKE.iter().find(|(from, _)| *from == letter);
        known.map_or(letter, |(_, to)| *to)
    };
    name.replace('I', "l")
        .nfkd()
        .filter(|letter| !unicode_normalization::char::is_combining_mark(*letter))
        .flat_map(char::to_lowercase)
        .map(looks)
        .collect()
}

/// Whether two names look the same, or are.
pub fn look_the_same(one: &str, other: &str) -> bool {
    skeleton(one) == skeleton(other)
}

/// Whether a username looks like one of these people's, or like a word for somebody in charge, without being it.
pub fn imitates<'a>(username: &str, consoles: impl IntoIterator<Item = &'a str>) -> bool {
    let (own, plain) = (skeleton(username), username.to_lowercase());
    let mut others = IN_CHARGE.into_iter().chain(consoles);
    others.any(|other| other.to_lowercase() != plain && skeleton(other) == own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_alikes_are_seen() {
        for name in ["аdmin", "ADMıN", "rооt", "r00t", "áuditor", "Adｍin", "οperator"] {
            assert!(imitates(name, []), "{name}");
        }
        for name in ["wang.Ii", "wang.1i", "wаng.li", "wang.lí"] {
            assert!(imitates(name, ["Wang.li"]), "{name}");
        }
        for name in [
            "admin",
            "Admin",
            "root",
            "zhang.san",
            "张三",
            "wang.li",
            "WANG.LI",
            "wang.lin",
        ] {
            assert!(!imitates(name, ["wang.li"]), "{name}");
        }
    }
}
