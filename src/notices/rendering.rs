//! What a notice says: its texts in one language, from the Fluent files, and the facts. Pure.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{
    delivery::{ChannelKind, Outgoing, Part},
    model::Topic,
    visible,
};
use crate::{
    crypto::digest::sha256_base64url,
    kernel::clock::Timestamp,
    web::texts::{Lang, text_with},
};

/// The facts that texts show, in their order; each has a text `post-fact-…` with what it is. What is not among them is for programs alone.
pub const FACTS: &[&str] = &[
    "what",
    "seen",
    "remedy",
    "where",
    "data_source",
    "userid",
    "name",
    "username",
    "portal",
    "reason",
    "refusal_reason",
    "decided_by",
    "until",
    "by",
    "when",
    "done_by",
    "browser",
    "network",
    "number",
];

/// Those of them that strangers write.
const WRITTEN: &[&str] = &["name", "username", "reason", "refusal_reason"];

/// The fact that says which of several texts a notice has, where its topic has several.
pub const CASE: &str = "case";
/// Of a press that was refused: the request is over, and pressing again or deciding otherwise does nothing.
pub const OVER: &str = "over";
/// Of a press that was refused: whoever pressed does not decide.
pub const NOT_THEIRS: &str = "not_theirs";
/// Of a request that was closed: the company uses another app now.
pub const COMPANY_MOVED: &str = "company_moved";

/// A notice as the outbox kept it.
#[derive(Clone, Debug)]
pub struct Kept {
    /// What it is about.
    pub topic: Topic,
    /// The matter.
    pub subject: String,
    /// Values for the template.
    pub facts: BTreeMap<String, String>,
    /// Local path that it links to.
    pub path: Option<String>,
    /// The data source that it is about.
    pub data_source: Option<Uuid>,
    /// Task id of a card.
    pub card: Option<String>,
    /// Member IDs of those who get its buttons; none: everybody.
    pub pressers: Option<Vec<String>>,
    /// When it was made.
    pub at: Timestamp,
}

impl Kept {
    /// The task id of its card, where whoever the message is for may press it.
    fn card_for(&self, to: &Addressed) -> Option<String> {
        let address = to.address.as_deref().unwrap_or_default();
        let may_press = self.pressers.as_ref().is_none_or(|pressers| {
            let is_theirs = |userid: &String| userid.eq_ignore_ascii_case(address);
            self.data_source == to.data_source && pressers.iter().any(is_theirs)
        });
        self.card.clone().filter(|_| may_press)
    }
}

/// Whom a message is for.
#[derive(Clone, Debug)]
pub struct Addressed {
    /// Row id of the delivery.
    pub delivery: Uuid,
    /// By what the other side tells messages apart.
    pub mark: String,
    /// By what it goes.
    pub kind: ChannelKind,
    /// Whose WeCom app sends (WeCom only).
    pub data_source: Option<Uuid>,
    /// E-mail address or member ID.
    pub address: Option<String>,
    /// Its language.
    pub lang: Lang,
    /// It is for the person whom it concerns.
    pub personal: bool,
}

/// The message of these notices, of which there is at least one; several make a digest.
pub fn message(first: &Kept, others: &[Kept], to: Addressed, public_url: &str) -> Outgoing {
    let whole = part(first, to.lang, public_url);
    let is_short = to.kind == ChannelKind::Wecom;
    let card = first.card_for(&to);
    let mut message = Outgoing {
        delivery: to.delivery,
        mark: to.mark,
        topic: first.topic,
        data_source: to.data_source,
        subject: first.subject.clone(),
        address: to.address,
        lang: to.lang,
        title: whole.title.clone(),
        lines: whole.lines.clone(),
        link: whole.link.clone(),
        parts: Vec::new(),
        facts: clean(&first.facts),
        card,
        personal: to.personal,
        at: first.at,
    };
    if !others.is_empty() {
        let rest = others.iter().map(|kept| part(kept, to.lang, public_url));
        message.parts = std::iter::once(whole).chain(rest).collect();
        let number = message.parts.len().to_string();
        message.title = text_with(to.lang, "post-digest-title", &[("number", &number)]);
        message.lines = match is_short {
            true => in_short(&message.parts, to.lang, public_url),
            false => message.parts.iter().flat_map(told).collect(),
        };
        message.link = None;
        message.card = None;
        message.facts.clear();
    } else if is_short {
        message.lines = cut(message.lines);
    }
    if is_short && message.link.is_none() {
        // WeCom takes a text of the same words for the same message.
        let mark = sha256_base64url(message.mark.as_bytes());
        message.lines.push(format!("#{}", mark.get(..4).unwrap_or_default()));
    }
    message
}

/// Bytes of a text over WeCom that a digest fills, of 2,048 (reference 10).
const DIGEST_BYTES: usize = 1700;
/// Bytes of the description of a text card that are filled, of 512; escaping takes some.
const CARD_BYTES: usize = 480;
/// Longest title within a short digest, characters.
const SHORT_TITLE: usize = 40;

/// A digest where there is little room: of each notice title and link, as many as fit, and how many more there are, with where they are.
fn in_short(parts: &[Part], lang: Lang, public_url: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut room = DIGEST_BYTES;
    for (index, part) in parts.iter().enumerate() {
        let title: String = part.title.chars().take(SHORT_TITLE).collect();
        let mut told = vec![format!("· {title}")];
        told.extend(part.link.clone());
        let length = told.iter().map(|line| line.len().saturating_add(1)).sum();
        let Some(left) = room.checked_sub(length) else {
            let more = parts.len().saturating_sub(index).to_string();
            let link = format!("{public_url}/console/settings/notices");
            lines.push(text_with(
                lang,
                "post-digest-more",
                &[("number", &more), ("link", &link)],
            ));
            break;
        };
        room = left;
        lines.extend(told);
    }
    lines
}

/// The lines of a card where there is little room: the facts without what they mean, which the title says, and an ellipsis where something is left out.
fn cut(lines: Vec<String>) -> Vec<String> {
    let skipped = usize::from(lines.len() > 1 && lines.iter().map(String::len).sum::<usize>() > CARD_BYTES);
    let mut kept = Vec::new();
    let mut room = CARD_BYTES;
    for line in lines.into_iter().skip(skipped) {
        match room.checked_sub(line.len().saturating_add(1)) {
            Some(left) => {
                room = left;
                kept.push(line);
            }
            None => {
                let mut short = String::new();
                for letter in line.chars() {
                    if short.len().saturating_add(letter.len_utf8()).saturating_add(3) > room {
                        break;
                    }
                    short.push(letter);
                }
                kept.push(format!("{short}…"));
                break;
            }
        }
    }
    kept
}

/// One line that says what a notice tells.
pub fn title(kept: &Kept, lang: Lang) -> String {
    let facts = clean(&kept.facts);
    let who = ["name", "userid", "username"].iter().find_map(|name| facts.get(*name));
    let who = who.map(|who| visible::unlinked(who)).unwrap_or_default();
    let what = fact(&facts, "what", lang).unwrap_or("");
    let key = format!("post-{}-title", hyphened(kept.topic));
    text_with(lang, &key, &[("who", &who), ("what", what)])
        .trim()
        .to_owned()
}

/// The lines of a notice: what it means for whoever reads it, and the facts.
pub fn lines(kept: &Kept, lang: Lang) -> Vec<String> {
    let facts = clean(&kept.facts);
    let lead = text_with(lang, &lead_key(kept), &[]);
    let shown = FACTS.iter().filter_map(|name| {
        let value = fact(&facts, name, lang).filter(|value| !value.is_empty())?;
        let key = format!("post-fact-{}", name.replace('_', "-"));
        let value = match WRITTEN.contains(name) {
            true => visible::unlinked(value),
            false => value.to_owned(),
        };
        Some(text_with(lang, &key, &[("value", &value)]))
    });
    std::iter::once(lead).chain(shown).collect()
}

/// The key of the text that says what a notice means.
fn lead_key(kept: &Kept) -> String {
    let case = kept.facts.get(CASE).map(String::as_str);
    match (kept.topic, case) {
        (Topic::AccessPressRefused, Some(OVER)) => "post-access-press-refused-text-over".to_owned(),
        (Topic::AccessPressRefused, Some(NOT_THEIRS)) => "post-access-press-refused-text-not-theirs".to_owned(),
        (Topic::AccessRequestClosed, Some(COMPANY_MOVED)) => "post-access-request-closed-text-company-moved".to_owned(),
        (topic, _) => format!("post-{}-text", hyphened(topic)),
    }
}

fn part(kept: &Kept, lang: Lang, public_url: &str) -> Part {
    Part {
        title: title(kept, lang),
        lines: lines(kept, lang),
        link: kept.path.as_deref().map(|path| format!("{public_url}{path}")),
    }
}

/// The lines of a notice within a digest.
fn told(part: &Part) -> Vec<String> {
    let mut lines = vec![format!("· {}", part.title)];
    lines.extend(part.lines.iter().skip(1).map(|line| format!("  {line}")));
    lines.extend(part.link.iter().map(|link| format!("  {link}")));
    lines
}

fn clean(facts: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let facts = facts.iter();
    facts
        .map(|(name, value)| (name.clone(), visible::line(value)))
        .collect()
}

/// A fact in this language: of `x` and `x_zh` Chinese texts show the second.
fn fact<'a>(facts: &'a BTreeMap<String, String>, name: &str, lang: Lang) -> Option<&'a str> {
    let chinese = (lang == Lang::Zh).then(|| facts.get(&format!("{name}_zh"))).flatten();
    chinese.or_else(|| facts.get(name)).map(String::as_str)
}

fn hyphened(topic: Topic) -> String {
    topic.word().replace('_', "-")
}

#[cfg(test)]
#[path = "rendering_tests.rs"]
mod tests;
