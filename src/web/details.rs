//! What was seen, in Chinese: details, reasons and findings are written as English sentences with facts in them, kept and logged as such, and said in
//! Chinese by `locales/details.zh-CN.txt`. As in gettext, the English sentence is the key; its facts go over as they are. Pure.

use std::{cmp::Reverse, collections::HashMap, sync::LazyLock};

use crate::kernel::failure::Entry;

const FILE: &str = include_str!("../../locales/details.zh-CN.txt");

/// Longest text that is looked up, bytes.
const LONGEST: usize = 4_000;
/// How deep sentences stand in sentences.
const DEEPEST: usize = 4;

/// What a place in a sentence takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slot {
    /// `{}`: a fact, as it is.
    Fact,
    /// `{w}`: a word.
    Word,
    /// `{#}`: a whole number.
    Number,
    /// `{s}`: a sentence of the file, or somebody else's words.
    Sentence,
}

impl Slot {
    const ALL: [(&'static str, Self); 4] = [
        ("{}", Self::Fact),
        ("{w}", Self::Word),
        ("{#}", Self::Number),
        ("{s}", Self::Sentence),
    ];

    fn takes(self, text: &str) -> bool {
        match self {
            Self::Fact | Self::Sentence => !text.is_empty(),
            Self::Word => !text.is_empty() && !text.contains(char::is_whitespace),
            Self::Number => {
                let digits = text.strip_prefix('-').unwrap_or(text);
                !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
            }
        }
    }
}

/// An English sentence with places for facts, and the Chinese one.
struct Phrase {
    /// What stands around the places: one more than there are places.
    literals: Vec<&'static str>,
    slots: Vec<Slot>,
    chinese: &'static str,
}

/// The sentences of the file.
struct Book {
    /// Those without a place.
    plain: HashMap<&'static str, &'static str>,
    /// The others, those that say the most themselves first.
    phrases: Vec<Phrase>,
}

static BOOK: LazyLock<Book> = LazyLock::new(|| {
    let (mut plain, mut phrases) = (HashMap::new(), Vec::new());
    for (english, chinese) in pairs() {
        let phrase = Phrase::of(english, chinese);
        if phrase.slots.is_empty() {
            plain.insert(english, chinese);
        } else {
            phrases.push(phrase);
        }
    }
    phrases.sort_by_key(|phrase| Reverse(phrase.literals.iter().map(|literal| literal.len()).sum::<usize>()));
    Book { plain, phrases }
});

/// The sentences of the file with their translations.
fn pairs() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = FILE.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut english = "";
    lines.filter_map(move |line| match line.strip_prefix("  ") {
        Some(chinese) => Some((english, chinese)),
        None => {
            english = line;
            None
        }
    })
}

impl Phrase {
    fn of(english: &'static str, chinese: &'static str) -> Self {
        let (mut literals, mut slots, mut rest) = (Vec::new(), Vec::new(), english);
        let next = |rest: &'static str| {
            let found = Slot::ALL
                .iter()
                .filter_map(|(sign, slot)| Some((rest.find(sign)?, *sign, *slot)));
            found.min_by_key(|(at, ..)| *at)
        };
        while let Some((_, sign, slot)) = next(rest) {
            let Some((before, after)) = rest.split_once(sign) else {
                break;
            };
            literals.push(before);
            slots.push(slot);
            rest = after;
        }
        literals.push(rest);
        Self {
            literals,
            slots,
            chinese,
        }
    }

    /// The facts of a text that is this sentence.
    fn facts<'t>(&self, text: &'t str) -> Option<Vec<&'t str>> {
        let (first, literals) = self.literals.split_first()?;
        let rest = text.strip_prefix(first)?;
        let mut facts = Vec::new();
        is_filled(&self.slots, literals, rest, &mut facts).then_some(facts)
    }
}

/// Whether a text fills these places, with these literals behind them; the facts are gathered.
fn is_filled<'t>(slots: &[Slot], literals: &[&str], text: &'t str, facts: &mut Vec<&'t str>) -> bool {
    let (Some((slot, slots)), Some((literal, literals))) = (slots.split_first(), literals.split_first()) else {
        return text.is_empty();
    };
    if literals.is_empty() {
        let fact = text.strip_suffix(literal).filter(|fact| slot.takes(fact));
        facts.extend(fact);
        return fact.is_some();
    }
    for (at, _) in text.match_indices(literal) {
        let (Some(fact), Some(rest)) = (text.get(..at), text.get(at + literal.len()..)) else {
            continue;
        };
        let many = facts.len();
        if slot.takes(fact) {
            facts.push(fact);
            if is_filled(slots, literals, rest, facts) {
                return true;
            }
            facts.truncate(many);
        }
    }
    false
}

/// The same in Chinese; `None`: it is no sentence that is known here. `others` knows sentences of a table of its own.
pub fn in_chinese(text: &str, others: fn(&str) -> Option<&'static str>) -> Option<String> {
    (text.len() <= LONGEST).then(|| said(text, others, DEEPEST))?
}

/// Where something is mended, without what stands there in English beside the Chinese labels: `管理工具 → 通讯录同步 (Management Tools → Contacts Sync)`.
pub fn place_in_chinese(place: &str) -> String {
    let (mut told, mut rest) = (String::new(), place);
    while let Some((before, after)) = rest.split_once(" (") {
        told.push_str(before);
        match after.split_once(')') {
            Some((_, after)) if !before.is_ascii() => rest = after,
            _ => {
                told.push_str(" (");
                rest = after;
            }
        }
    }
    told.push_str(rest);
    told.replace(", and ", "，以及")
}

fn said(text: &str, others: fn(&str) -> Option<&'static str>, depth: usize) -> Option<String> {
    let deeper = depth.checked_sub(1)?;
    if let Some(known) = BOOK.plain.get(text).copied().or_else(|| others(text)) {
        return Some(known.to_owned());
    }
    if let Some(failure) = failure(text, others, deeper) {
        return Some(failure);
    }
    if text.contains("; ") {
        let parts: Option<Vec<String>> = text.split("; ").map(|part| said(part, others, deeper)).collect();
        if let Some(parts) = parts {
            return Some(parts.join("；"));
        }
    }
    let (phrase, facts) = BOOK
        .phrases
        .iter()
        .find_map(|phrase| Some((phrase, phrase.facts(text)?)))?;
    let facts = phrase.slots.iter().zip(facts).map(|(slot, fact)| match slot {
        Slot::Sentence => said_or_quoted(fact, others, deeper),
        _ => fact.to_owned(),
    });
    Some(filled(phrase.chinese, &facts.collect::<Vec<_>>()))
}

fn said_or_quoted(text: &str, others: fn(&str) -> Option<&'static str>, depth: usize) -> String {
    said(text, others, depth).unwrap_or_else(|| format!("「{text}」"))
}

/// A failure as it writes itself: number, sentence, detail in brackets, cause behind a colon.
fn failure(text: &str, others: fn(&str) -> Option<&'static str>, depth: usize) -> Option<String> {
    let (number, rest) = text.split_once(' ')?;
    let number = number.trim_end_matches(':');
    let entry: &Entry = crate::entry(number)?;
    let rest = rest.strip_prefix(entry.en)?;
    let mut told = format!("{number} {}", entry.zh);
    let (detail, cause) = match rest.strip_prefix(" (") {
        Some(rest) => match rest.split_once("): ") {
            Some((detail, cause)) => (Some(detail), Some(cause)),
            None => (rest.strip_suffix(')'), None),
        },
        None => (None, rest.strip_prefix(": ")),
    };
    if let Some(detail) = detail {
        told.push_str(&format!("（{}）", said_or_quoted(detail, others, depth)));
    }
    if let Some(cause) = cause {
        told.push_str(&said_or_quoted(cause, others, depth));
    }
    Some(told)
}

/// The Chinese sentence with its facts: `{1}` is the first.
fn filled(chinese: &str, facts: &[String]) -> String {
    let (mut told, mut rest) = (String::new(), chinese);
    while let Some((before, after)) = rest.split_once('{') {
        told.push_str(before);
        let Some((number, after)) = after.split_once('}') else {
            break;
        };
        let place: Option<usize> = number.parse().ok();
        let fact = place.and_then(|place| facts.get(place.checked_sub(1)?));
        told.push_str(fact.map_or("", String::as_str));
        rest = after;
    }
    told.push_str(rest);
    told
}

#[cfg(test)]
#[path = "details_tests.rs"]
mod tests;
