//! Compares names. Companies add to them (`张伟(外包)`, `Li Hua-IT`, `张伟2`, `研发-张伟`), and what is added says where somebody works, not who
//! they are. But which part is the person and which the department nobody can tell: so a name is another one plus something, or it is not
//! the same; and where nothing sets off what was added, it may be another name as well. Pure.

use unicode_normalization::UnicodeNormalization;

/// What two names say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NameMatch {
    /// The same but for letter case, forms of letters (full-width ones) and blanks around them.
    Equal,
    /// One is the other and something added before or after it, which a sign, a bracket or a number sets off.
    Alike,
    /// One begins or ends with the other, and nothing sets off what is more of it: `张伟外包`, `Li Hua Jr`, but also `Li` and `Li Wei`.
    Extended,
    /// Not given on one side.
    Withheld,
    /// A part is the same and each has another besides: another suffix of one person, or two people with the same prefix.
    Overlapping,
    /// Another name.
    Different,
}

/// Opening and closing brackets of a remark; the full-width round, square and curly ones are these by the time they are looked at.
const BRACKETS: [(char, char); 8] = [
    ('(', ')'),
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
    let (Some(one), Some(other)) = (one.map(str::trim), other.map(str::trim)) else {
        return NameMatch::Withheld;
    };
    if one.is_empty() || other.is_empty() {
        return NameMatch::Withheld;
    }
    if one == other {
        return NameMatch::Equal;
    }
    let (one, other) = (normal(one), normal(other));
    if one == other {
        return NameMatch::Equal;
    }
    if packed(&one) == packed(&other) {
        return NameMatch::Alike;
    }
    match overlap(parts(&one), parts(&other)) {
        NameMatch::Different | NameMatch::Overlapping if extends(&one, &other) || extends(&other, &one) => {
            NameMatch::Extended
        }
        found => found,
    }
}

/// Whether the longer of two names is the shorter one and more letters or words, without a sign between. Neither a remark alone is a name, nor
/// a number or a single letter.
fn extends(longer: &str, shorter: &str) -> bool {
    let is_name = shorter.chars().filter(|letter| letter.is_alphabetic()).count() > 1;
    if !is_name || parts(shorter).iter().all(|part| part.is_remark) {
        return false;
    }
    let blank_or_east_asian = |letter: char| letter.is_whitespace() || is_east_asian(letter);
    let form = if shorter.chars().all(blank_or_east_asian) {
        packed
    } else {
        spaced
    };
    let (longer, shorter) = (form(longer), form(shorter));
    let after = longer.strip_prefix(shorter.as_str());
    let after = shorter
        .chars()
        .next_back()
        .zip(after.and_then(|rest| rest.chars().next()));
    let before = longer.strip_suffix(shorter.as_str());
    let before = before
        .and_then(|rest| rest.chars().next_back())
        .zip(shorter.chars().next());
    [before, after]
        .into_iter()
        .flatten()
        .any(|(one, other)| parted(one, other))
}

/// Whether a name may end between these: anywhere in Chinese and its like, nowhere in a word of other scripts or in a number.
fn parted(one: char, other: char) -> bool {
    !one.is_alphanumeric() || !other.is_alphanumeric() || is_east_asian(one) || is_east_asian(other)
}

/// Compares two names part by part.
fn overlap(one: Vec<Part>, mut other: Vec<Part>) -> NameMatch {
    let (mut agrees, mut apart) = (false, false);
    // Whether the one has something that the other lacks, and the reverse.
    let mut more = (false, false);
    for part in one {
        let Some(twin) = other.iter().position(|twin| twin.text == part.text) else {
            more.0 = true;
            continue;
        };
        let twin = other.swap_remove(twin);
        match (part.number.is_empty(), twin.number.is_empty()) {
            // Two numbers are there to tell two people apart.
            (false, false) if part.number != twin.number => {
                apart = true;
                continue;
            }
            (false, true) => more.0 = true,
            (true, false) => more.1 = true,
            _ => {}
        }
        // Many have the same remark.
        agrees |= !(part.is_remark && twin.is_remark);
    }
    more.1 |= !other.is_empty();
    if !agrees {
        NameMatch::Different
    } else if apart || more == (true, true) {
        NameMatch::Overlapping
    } else {
        NameMatch::Alike
    }
}

/// One form for letters that look alike (full-width ones, blanks of Chinese text), in small letters.
fn normal(name: &str) -> String {
    let form: String = name.nfkc().collect();
    form.to_lowercase().trim().to_owned()
}

/// The name with one blank between words.
fn spaced(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The name without blanks.
fn packed(name: &str) -> String {
    name.chars().filter(|letter| !letter.is_whitespace()).collect()
}

/// A part of a name: what stands between signs, or in brackets.
#[derive(Debug, PartialEq, Eq)]
struct Part {
    /// Without blanks, and without the number it ends with.
    text: String,
    /// That number; empty: none.
    number: String,
    /// It stands in brackets.
    is_remark: bool,
}

/// Takes a name apart; no two parts have the same text.
fn parts(name: &str) -> Vec<Part> {
    let (mut found, mut run, mut awaited) = (Vec::new(), String::new(), None);
    for letter in name.chars() {
        let opened = BRACKETS.iter().find(|(open, _)| *open == letter && awaited.is_none());
        let closes = awaited == Some(letter);
        if opened.is_some() || closes || is_sign(letter) {
            add(&mut found, &std::mem::take(&mut run), awaited.is_some());
        } else {
            run.push(letter);
        }
        awaited = match opened {
            Some((_, close)) => Some(*close),
            None => awaited.filter(|_| !closes),
        };
    }
    add(&mut found, &run, awaited.is_some());
    found
}

/// Signs that add something to a name.
const fn is_sign(letter: char) -> bool {
    matches!(
        letter,
        '-' | '–' | '—' | '_' | '/' | '\\' | '|' | '@' | '#' | '+' | ':' | '~' | ',' | '、'
    )
}

/// Adds the words of a run without signs.
fn add(found: &mut Vec<Part>, run: &str, is_remark: bool) {
    let mut joined = String::new();
    for word in run.split_whitespace() {
        if !joined.is_empty() && separates(&joined, word) {
            add_part(found, &std::mem::take(&mut joined), is_remark);
        }
        joined.push_str(word);
    }
    if !joined.is_empty() {
        add_part(found, &joined, is_remark);
    }
}

/// Whether a blank between these ends a part: names in Latin and most other scripts have blanks themselves (`Li Hua`), those in Chinese only
/// around a single letter (`张 伟`, `欧阳 修`).
fn separates(before: &str, after: &str) -> bool {
    let east_asian = |text: &str| text.chars().any(is_east_asian);
    let single = |text: &str| text.chars().nth(1).is_none();
    match (east_asian(before), east_asian(after)) {
        (true, true) => !single(before) && !single(after),
        (false, false) => false,
        _ => true,
    }
}

/// Chinese characters, kana and hangul.
const fn is_east_asian(letter: char) -> bool {
    matches!(letter, '\u{3005}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Adds a part; one that is a number only belongs to what stands before it.
fn add_part(found: &mut Vec<Part>, text: &str, is_remark: bool) {
    let bare = text.trim_end_matches(char::is_numeric);
    if bare.is_empty()
        && let Some(before) = found.last_mut().filter(|before| before.number.is_empty())
    {
        text.clone_into(&mut before.number);
        return;
    }
    let bare = if bare.is_empty() { text } else { bare };
    let number = text.get(bare.len()..).unwrap_or_default();
    // Said twice is said once.
    match found.iter_mut().find(|part| part.text == bare) {
        Some(part) => {
            part.is_remark &= is_remark;
            if part.number.is_empty() {
                number.clone_into(&mut part.number);
            }
        }
        None => found.push(Part {
            text: bare.to_owned(),
            number: number.to_owned(),
            is_remark,
        }),
    }
}

#[cfg(test)]
#[path = "name_tests.rs"]
mod tests;
