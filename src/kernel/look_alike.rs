//! Names that look like another one, and the form in which a name is compared. Pure.
//!
//! Names are compared by a skeleton, as Unicode Technical Standard 39 section 4 does, with its mappings of the letters that usernames may
//! consist of and that look like ASCII.

use unicode_normalization::{UnicodeNormalization, is_nfkc};

/// What [`is_normal`] insists on, as told to whoever sent something else.
pub const NORMAL_FORM: &str = "must be in Unicode's normal form NFKC; only full-width punctuation may stand as it is";

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

/// Whether a name is in the normal form NFKC, in which no letter is another one in disguise (ligatures, mathematical, circled and half-width
/// letters). Full-width punctuation may stand: （） and ： are what Chinese names are written with, and look like nothing else.
pub fn is_normal(name: &str) -> bool {
    let folded: String = name.chars().map(|c| full_width_punctuation(c).unwrap_or(c)).collect();
    is_nfkc(&folded)
}

/// The ASCII punctuation of which this is the full-width form (U+FF01 to U+FF5E).
fn full_width_punctuation(c: char) -> Option<char> {
    let ascii = matches!(c, '\u{ff01}'..='\u{ff5e}').then(|| char::from_u32(u32::from(c) - 0xfee0));
    ascii.flatten().filter(char::is_ascii_punctuation)
}

/// What a name looks like, the same for names that look alike. Accents are dropped; a capital I looks like an l.
pub fn skeleton(name: &str) -> String {
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

/// Whether a username is a word for somebody in charge, or looks like one.
pub fn names_somebody_in_charge(username: &str) -> bool {
    let own = skeleton(username);
    IN_CHARGE.into_iter().any(|word| skeleton(word) == own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_normal_but_for_the_punctuation_of_chinese() {
        for name in [
            "Salary（HR）",
            "【测试】报销：华东，",
            "Café 系统",
            "工资！？～",
            "한국 위키",
            "e-mail (x)",
            "А и Б",
        ] {
            assert!(is_normal(name), "{name}");
        }
        for name in [
            "ﬁnance",
            "𝐒alary",
            "①号系统",
            "ｶﾞﾝﾀﾞﾑ",
            "Ｓalary",
            "报销　系统",
            "ℌR",
            "x²",
            "Cafe\u{301}",
            "＝\u{338}",
            "｡",
            "㈱",
            "１",
        ] {
            assert!(!is_normal(name), "{name}");
        }
        assert!(look_the_same("Salary（HR）", "salary(hr)"));
        assert!(!look_the_same("Salary（HR）", "Salary【HR】"));
    }

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
