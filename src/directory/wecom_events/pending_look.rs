//! A member whom an event is about and who is still to be looked at, and when that is tried. Pure.

use std::{borrow::Cow, time::Duration};

use uuid::Uuid;

use crate::kernel::clock::Timestamp;

/// How long a claim holds: whoever died meanwhile is followed by somebody else then.
pub(in crate::directory) const CLAIM: Duration = Duration::from_secs(15);
/// Longest wait before the next look, while few were made.
const LONGEST: Duration = Duration::from_secs(15);
/// So many looks make some ten minutes.
const MANY: u32 = 40;
/// The wait after many looks.
const AFTER_MANY: Duration = Duration::from_secs(60);

/// How long WeCom may take to show what it told. A sync decides then.
pub(in crate::directory) const CATCHING_UP: Duration = Duration::from_secs(10 * 60);
/// So much may the clocks of WeCom and ours be apart.
const APART: Duration = Duration::from_secs(5 * 60);

/// The word of a changed userid. When that happened, and the new one, follow: the old one may be changed again, by who was given it since.
pub(in crate::directory) const RENAMED: &str = "renamed";
/// Begins the word of a changed userid that was carried out; by which run, and the word before, follow.
pub(in crate::directory) const CARRIED_OUT: &str = "carried out:";
/// Begins the word of a changed userid that came to nothing; by which run, and the word before, follow.
pub(in crate::directory) const WEIGHED: &str = "weighed:";
/// Begins the word of a scope that is another app's; the AgentId follows.
const OF_APP: &str = "scope:";

/// What was told of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::directory) enum Told {
    /// They left the corp.
    Left,
    /// They are new.
    Created,
    /// They left the visible scope of the app with this AgentId; `None`: of the integration app.
    LeftScope(Option<i64>),
    /// Their userid is this one now.
    RenamedTo(String),
}

impl Told {
    /// The word in the database, or what it begins with.
    fn word(&self) -> Cow<'static, str> {
        match self {
            Self::Left => "member".into(),
            Self::Created => "created".into(),
            Self::LeftScope(None) => "scope".into(),
            Self::LeftScope(Some(agent_id)) => format!("{OF_APP}{agent_id}").into(),
            Self::RenamedTo(_) => RENAMED.into(),
        }
    }

    /// Reads the word.
    pub(in crate::directory) fn of_word(word: &str, new_userid: Option<String>) -> Option<Self> {
        match word {
            "member" => Some(Self::Left),
            "created" => Some(Self::Created),
            "scope" => Some(Self::LeftScope(None)),
            other if other.starts_with(RENAMED) => new_userid.map(Self::RenamedTo),
            other => {
                let agent_id = other.strip_prefix(OF_APP)?.parse().ok()?;
                Some(Self::LeftScope(Some(agent_id)))
            }
        }
    }
}

/// A member still to be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::directory) struct PendingLook {
    /// Whose contacts the event is about.
    pub(in crate::directory) data_source: Uuid,
    /// As the event had it.
    pub(in crate::directory) userid: String,
    /// What was told.
    pub(in crate::directory) told: Told,
    /// When it was told last.
    pub(in crate::directory) told_at: Timestamp,
    /// When it happened, by WeCom's clock.
    pub(in crate::directory) happened_at: Timestamp,
    /// When to look; while somebody looks, when their claim runs out.
    pub(in crate::directory) next_at: Timestamp,
    /// How often somebody has begun to look; changes with every claim and every event, and so tells them apart.
    pub(in crate::directory) attempts: u32,
}

/// Whether what happened at this moment by WeCom's clock is about somebody whose row was made at that one. Whose row is younger came after it, by a
/// sync that had seen it.
pub(in crate::directory) fn concerns(happened_at: Timestamp, created_at: Timestamp) -> bool {
    created_at.plus(APART) <= happened_at
}

impl PendingLook {
    /// The word in the database.
    pub(in crate::directory) fn word(&self) -> Cow<'static, str> {
        match &self.told {
            Told::RenamedTo(new) => format!("{RENAMED}:{}:{}", self.happened_at.millis(), new.to_lowercase()).into(),
            other => other.word(),
        }
    }

    /// Whether WeCom has had this long to show what it told.
    pub(in crate::directory) fn has_waited(&self, now: Timestamp, patience: Duration) -> bool {
        now.since(self.told_at) >= patience
    }

    /// When to look again after this attempt.
    pub(in crate::directory) fn next_after(&self, now: Timestamp) -> Timestamp {
        let exponent = self.attempts.saturating_sub(1);
        let gap = if exponent >= MANY {
            AFTER_MANY
        } else {
            Duration::from_secs(2_u64.saturating_pow(exponent)).min(LONGEST)
        };
        now.plus(gap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_repeated_after_seconds_and_after_ten_minutes_each_minute() {
        let now = Timestamp::from_secs(1_760_000_000);
        let gap = |attempts| {
            let look = PendingLook {
                data_source: Uuid::nil(),
                userid: String::new(),
                told: Told::Left,
                told_at: now,
                happened_at: now,
                next_at: now,
                attempts,
            };
            look.next_after(now).since(now).as_secs()
        };
        let gaps: Vec<u64> = (0..8).map(gap).collect();
        assert_eq!(gaps, [1, 1, 2, 4, 8, 15, 15, 15]);
        assert_eq!((gap(40), gap(41), gap(u32::MAX)), (15, 60, 60));
    }

    #[test]
    fn what_was_told_is_read_as_it_was_written() {
        for told in [
            Told::Left,
            Told::Created,
            Told::LeftScope(None),
            Told::LeftScope(Some(1_000_003)),
            Told::RenamedTo("li2".to_owned()),
        ] {
            let new = matches!(&told, Told::RenamedTo(_)).then(|| "li2".to_owned());
            assert_eq!(Told::of_word(&told.word(), new), Some(told));
        }
        assert_eq!(Told::of_word("renamed", None), None);
        assert_eq!(
            Told::of_word("renamed:1000:li2", Some("li2".to_owned())),
            Some(Told::RenamedTo("li2".to_owned()))
        );
        assert_eq!(Told::of_word("scope:x", None), None);
    }
}
