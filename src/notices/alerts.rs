//! Alerts: what is wrong with the installation is told when it appears, when it changes, and again after a while as long as it lasts.

use std::{collections::BTreeMap, fmt, time::Duration};

use uuid::Uuid;

use super::{
    model::{NewNotice, To, Topic},
    service::Notices,
    store::{alerts, outbox::enqueue},
};
use crate::{
    crypto::digest::sha256_base64url,
    kernel::{
        clock::Timestamp,
        failure::{Entry, Result},
    },
    store::writer::Transaction,
};

/// How long the same trouble is not told again, where somebody is kept from something.
const GRAVE: Duration = Duration::from_secs(24 * 60 * 60);
/// The same, where it works, but not as it should.
const LESS_GRAVE: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// How long a notice that nobody accepted is not made anew.
const TRIED_AGAIN: Duration = Duration::from_secs(60 * 60);

/// How long the database may take to write one.
const PATIENCE: Duration = Duration::from_secs(3);

/// Something that is wrong with the installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Reference number.
    pub number: &'static str,
    /// Whether somebody is kept from something, or soon will be.
    pub grave: bool,
    /// What is wrong, in a sentence in English.
    pub title: &'static str,
    /// The same in Chinese.
    pub title_zh: &'static str,
    /// What was seen.
    pub seen: String,
    /// What to do, in English.
    pub remedy: &'static str,
    /// The same in Chinese.
    pub remedy_zh: &'static str,
    /// Where to do it.
    pub place: String,
    /// By what it is the same trouble again, besides its number.
    pub matter: String,
    /// Page of the console where it is mended.
    pub path: String,
    /// Row id of the data source that it is about.
    pub data_source: Option<Uuid>,
    /// What looked for it, and says by not finding it that it is over.
    pub check: &'static str,
}

impl Trouble {
    /// A trouble of this kind that keeps nobody from anything, told by what was seen, in a matter, with the page of the console that is about it.
    pub fn notable(entry: &'static Entry, seen: String, matter: String, path: String) -> Self {
        Self {
            number: entry.number,
            grave: false,
            title: entry.en,
            title_zh: entry.zh,
            seen,
            remedy: entry.remedy,
            remedy_zh: entry.remedy_zh,
            place: String::new(),
            matter,
            path,
            data_source: None,
            check: "",
        }
    }

    /// The notice that tells of it to whoever subscribed.
    pub fn notice(&self) -> NewNotice {
        NewNotice {
            topic: Topic::Alert,
            data_source: self.data_source,
            subject: self.subject(),
            facts: self.facts(),
            path: Some(self.path.clone()),
            card: None,
            to: To::Subscribers,
            until: None,
        }
    }

    /// The matter, as its notices are found.
    pub(in crate::notices) fn subject(&self) -> String {
        let matter = sha256_base64url(self.matter.as_bytes());
        format!("alert:{}:{}", self.number, matter.get(..16).unwrap_or_default())
    }

    pub(in crate::notices) fn facts(&self) -> BTreeMap<String, String> {
        let facts = [
            ("what", self.title),
            ("what_zh", self.title_zh),
            ("seen", self.seen.as_str()),
            ("remedy", self.remedy),
            ("remedy_zh", self.remedy_zh),
            ("where", self.place.as_str()),
            ("number", self.number),
            ("severity", if self.grave { "error" } else { "warning" }),
        ];
        let facts = facts.into_iter().filter(|(_, value)| !value.is_empty());
        facts.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// Whether this is what was told: what was measured changes with every look and makes no other trouble of it; an address, a name or a sentence does.
    fn is_told_by(&self, told: &BTreeMap<String, String>) -> bool {
        let own = self.facts();
        let fact = |facts: &BTreeMap<String, String>, name: &str| facts.get(name).map(|seen| unmeasured(seen));
        ["severity", "seen"]
            .iter()
            .all(|name| fact(&own, name) == fact(told, name))
    }
}

/// Units in which the doctor tells times and sizes.
const UNITS: [&str; 10] = ["s", "min", "h", "days", "B", "KB", "MB", "GB", "MiB", "GiB"];

/// A text without what differs each time it is looked: the mark of a call in WeCom's sentences (`hint: [1623396709_161_c9ab…]`), and numbers that stand for themselves,
/// with their units: `3.2 GB free`, `refused 17 min ago`; not those of addresses and ids.
fn unmeasured(text: &str) -> String {
    let text = without_hint(text);
    let is_number = |word: &str| {
        let digits = word
            .chars()
            .all(|letter| letter.is_ascii_digit() || ".,%".contains(letter));
        digits && word.matches('.').count() < 2
    };
    let mut kept: Vec<&str> = Vec::new();
    let mut measured = false;
    for word in text.split_whitespace() {
        let is_unit = measured && UNITS.contains(&word.trim_end_matches([',', ';', '.']));
        measured = is_number(word);
        if !measured && !is_unit {
            kept.push(word);
        }
    }
    kept.join(" ")
}

/// WeCom's sentence without the mark of its call (reference 1.1), with or without brackets; the address that it saw stays.
fn without_hint(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("hint:") {
        kept.push_str(before);
        let end = after.find([',', ';', ')']).unwrap_or(after.len());
        rest = after.get(end..).unwrap_or_default();
    }
    kept.push_str(rest);
    kept
}

/// Troubles of one matter as one, so that they do not tell each other anew.
fn joined(troubles: &[Trouble]) -> Vec<Trouble> {
    let mut joined: Vec<Trouble> = Vec::new();
    for trouble in troubles {
        match joined.iter_mut().find(|known| known.subject() == trouble.subject()) {
            Some(known) => {
                known.grave |= trouble.grave;
                if !known.seen.contains(&trouble.seen) {
                    known.seen = format!("{}; {}", known.seen, trouble.seen);
                }
            }
            None => joined.push(trouble.clone()),
        }
    }
    joined
}

impl Notices {
    /// Tells of these troubles, each in a transaction of its own, but for what was told already; returns how many are told. What `looked` names was looked at to
    /// its end: a trouble of it that is not among these is over. What the database does not take is told from memory. To be called by one replica at a time.
    pub async fn tell_of(&self, troubles: &[Trouble], looked: &[&str]) -> usize {
        let now = self.deps.clock.now();
        let before = in_time(alerts::presences(&self.deps.database)).await;
        let mut presences = before.clone().unwrap_or_default();
        let troubles = joined(troubles);
        let (mut told, mut unwritten) = (0, Vec::new());
        for trouble in &troubles {
            let subject = trouble.subject();
            let outcome = self.tell(trouble, presences.over_since(&subject, now)).await;
            let waits = self.memory.waits(&subject, matches!(outcome, Told::Unclear));
            match outcome {
                Told::Written(new) => {
                    told += usize::from(new);
                    presences.found(subject, trouble.check);
                }
                // The next look finds it written, or writes it.
                Told::Unclear if waits => presences.found(subject, trouble.check),
                Told::Unclear => unwritten.push(trouble.clone()),
                Told::Unwritten(why) => {
                    tracing::error!(number = trouble.number, %why, "an alert could not be written");
                    unwritten.push(trouble.clone());
                }
            }
        }
        let found: Vec<String> = troubles.iter().map(Trouble::subject).collect();
        self.memory.forget_but(&found);
        presences.missing(&found, looked, now);
        // Where they could not be read, what is kept stays as it is.
        let changed = before.is_ok_and(|before| before != presences);
        if changed && let Err(why) = in_time(alerts::keep_presences(&self.deps.database, &presences, now)).await {
            tracing::warn!(%why, "which troubles stand could not be kept");
        }
        self.tell_from_memory(&unwritten).await;
        told
    }

    /// Writes the notice of a trouble that was over until then, unless it was told since. A commit goes on when nobody waits for it any more, so what became
    /// of one that takes too long is not known.
    async fn tell(&self, trouble: &Trouble, over: Option<Timestamp>) -> Told {
        let transaction = match in_time(self.noticed(trouble, over)).await {
            Ok(Some(transaction)) => transaction,
            Ok(None) => return Told::Written(false),
            Err(why) => return Told::Unwritten(why.to_string()),
        };
        match in_time(async { transaction.commit().await.map_err(Into::into) }).await {
            Ok(()) => Told::Written(true),
            Err(Silence::Failed(why)) => Told::Unwritten(why),
            Err(Silence::NotInTime) => {
                tracing::error!(number = trouble.number, "it is not clear whether an alert was written");
                Told::Unclear
            }
        }
    }

    /// The transaction with the notice of a trouble; `None`: it was told.
    async fn noticed(&self, trouble: &Trouble, over: Option<Timestamp>) -> Result<Option<Transaction>> {
        let (deps, now) = (&self.deps, self.deps.clock.now());
        let lately = now.minus(if trouble.grave { GRAVE } else { LESS_GRAVE });
        let since = over.map_or(lately, |over| over.max(lately));
        let period = (since, now.minus(TRIED_AGAIN));
        let last = alerts::last_told(&deps.database, &deps.sealer, &trouble.subject(), period).await?;
        if last.facts.is_some_and(|facts| trouble.is_told_by(&facts)) {
            return Ok(None);
        }
        let transaction = deps.database.begin().await?;
        let reached = enqueue(&transaction, &deps.sealer, &deps.entropy, now, &trouble.notice()).await?;
        // That it concerns nobody who subscribed is on record once.
        if reached.is_empty() && last.written {
            return Ok(None);
        }
        Ok(Some(transaction))
    }
}

/// What became of an alert.
enum Told {
    /// It is written; true: just now.
    Written(bool),
    /// It may be written, or come to be.
    Unclear,
    /// It is not, and why.
    Unwritten(String),
}

/// Why the database answered nothing.
#[derive(Clone)]
enum Silence {
    /// It failed.
    Failed(String),
    /// It took too long.
    NotInTime,
}

impl fmt::Display for Silence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(why) => formatter.write_str(why),
            Self::NotInTime => formatter.write_str("not in time"),
        }
    }
}

/// What the database answers in time, or why there is nothing.
async fn in_time<T>(asked: impl Future<Output = Result<T>> + Send) -> Result<T, Silence> {
    match tokio::time::timeout(PATIENCE, Box::pin(asked)).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(failure)) => Err(Silence::Failed(failure.to_string())),
        Err(_) => Err(Silence::NotInTime),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trouble(seen: &str, grave: bool) -> Trouble {
        Trouble {
            number: "DR-110",
            grave,
            title: "The disk is nearly full.",
            title_zh: "磁盘空间不足。",
            seen: seen.to_owned(),
            remedy: "Make room.",
            remedy_zh: "请清理。",
            place: "/var".to_owned(),
            matter: "/var".to_owned(),
            path: "/console/settings/doctor".to_owned(),
            data_source: None,
            check: "disk",
        }
    }

    #[test]
    fn what_is_only_measured_again_is_the_same_trouble() {
        let told = |seen| trouble(seen, true).facts();
        assert!(trouble("3.2 GB free", true).is_told_by(&told("2.9 GB free")));
        assert!(
            !trouble("3.2 GB free", false).is_told_by(&told("3.2 GB free")),
            "it is less grave"
        );
        assert!(!trouble("WeCom sees 198.51.100.8", true).is_told_by(&told("WeCom sees 198.51.100.7")));
        let refused = |hint: &str, ip: &str| {
            format!("WeCom 60020: not allow to access, hint: {hint}, from ip: {ip}, more info at x")
        };
        let seen = refused("[1623396709_161_c9ab0f]", "203.0.113.9");
        assert!(
            trouble(&refused("[1623400309_7_ff01aa]", "203.0.113.9"), true).is_told_by(&told(&seen)),
            "another call"
        );
        assert!(
            trouble(&refused("[16234003091]", "203.0.113.9"), true).is_told_by(&told(&seen)),
            "the other shape"
        );
        assert!(!trouble(&refused("[1623396709_161_c9ab0f]", "203.0.113.10"), true).is_told_by(&told(&seen)));
        assert!(trouble("refused 2 min ago", true).is_told_by(&told("refused 119 s ago")));
        assert!(!trouble("the secret is refused", true).is_told_by(&told("no answer")));
    }

    #[test]
    fn troubles_of_one_matter_are_told_as_one() {
        let all = [trouble("one", false), trouble("two", true), trouble("one", false)];
        let joined = joined(&all);
        assert_eq!(joined.len(), 1);
        assert_eq!((joined[0].seen.as_str(), joined[0].grave), ("one; two", true));
    }

    #[test]
    fn a_matter_is_a_number_at_a_place() {
        let here = trouble("x", true);
        let there = Trouble {
            matter: "/srv".to_owned(),
            ..here.clone()
        };
        assert_ne!(here.subject(), there.subject());
        assert_eq!(here.subject(), trouble("y", false).subject());
    }
}
