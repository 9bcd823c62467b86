//! Lists of users: how they can be sorted and filtered. Pure.

use uuid::Uuid;

use super::provenance::Field;
use crate::kernel::sorting::{Kind, Sort, SortWords};

/// The word of lists that are sorted by the last sign-in: who never came stands before all others.
pub const LAST_SIGN_IN: &str = "last_sign_in_at";

/// How a list of users can be sorted.
pub const SORTS: SortWords = SortWords::new(
    &[
        ("created_at", Kind::Id),
        ("username", Kind::Text),
        ("updated_at", Kind::Number),
        (LAST_SIGN_IN, Kind::Number),
    ],
    Sort::up("created_at", Kind::Id),
);

/// States of users.
pub const STATUSES: [&str; 2] = ["active", "disabled"];

/// Which users are wanted; what is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct UserFilter {
    /// Who have one of these row ids.
    pub ids: Option<Vec<Uuid>>,
    /// Whose username or name contains this text, without regard to letter case.
    pub search: Option<String>,
    /// Who has this username, without regard to letter case.
    pub username: Option<String>,
    /// In this state.
    pub status: Option<String>,
    /// Who came from this data source.
    pub data_source: Option<Uuid>,
    /// With this console role.
    pub console_role: Option<String>,
    /// Who lack at least one of these fields, of those that WeCom fills; empty: it does not matter.
    pub lacks: Vec<Field>,
    /// Who are in this group.
    pub group: Option<Uuid>,
    /// Whose member is in this department itself, by its row id.
    pub department: Option<Uuid>,
    /// Whom these lists let in.
    pub let_in: Option<LetIn>,
    /// Who signed in then.
    pub signed_in: Option<SignedIn>,
}

/// When somebody signed in last; moments in milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignedIn {
    /// Never, as far as is known.
    Never,
    /// At this moment or later.
    Since(i64),
    /// Once, but before this moment.
    Before(i64),
}

/// The longest span that can be asked for, days: ten years.
const MOST_DAYS: i64 = 3650;
const DAY: i64 = 24 * 3600 * 1000;

impl SignedIn {
    /// What the API takes.
    pub const EXPECTED: &'static str = "takes never, within-30d or before-90d, with any number of days up to 3650";

    /// Reads a word of the API: `never`, `within-30d` (in the last thirty days), `before-90d` (not in the last ninety, though once). `None`: it is none.
    pub fn read(word: &str, now: i64) -> Option<Self> {
        if word == "never" {
            return Some(Self::Never);
        }
        let (side, span) = word.split_once('-')?;
        let digits = span
            .strip_suffix('d')
            .filter(|span| span.bytes().all(|byte| byte.is_ascii_digit()))?;
        let days = digits.parse().ok().filter(|days| (1..=MOST_DAYS).contains(days))?;
        let moment = now.saturating_sub(DAY.saturating_mul(days)).max(1);
        match side {
            "within" => Some(Self::Since(moment)),
            "before" => Some(Self::Before(moment)),
            _ => None,
        }
    }
}

/// The lists by which a portal lets people in.
#[derive(Clone, Debug, Default)]
pub struct LetIn {
    /// Row ids of the auth sources it accepts; `None`: all.
    pub auth_sources: Option<Vec<Uuid>>,
    /// Row ids of departments whose members may enter, with all below; with the two lists below empty too, everybody may.
    pub departments: Vec<Uuid>,
    /// Row ids of groups whose people may enter besides.
    pub groups: Vec<Uuid>,
    /// Row ids of users who may enter besides.
    pub users: Vec<Uuid>,
}

#[cfg(test)]
mod tests {
    use super::{DAY, SignedIn};

    #[test]
    fn when_somebody_signed_in_is_read_in_days() {
        let now = 20_000 * DAY;
        for (word, read) in [
            ("never", SignedIn::Never),
            ("within-7d", SignedIn::Since(now - 7 * DAY)),
            ("before-3650d", SignedIn::Before(now - 3650 * DAY)),
        ] {
            assert_eq!(SignedIn::read(word, now), Some(read), "{word}");
        }
        for word in [
            "",
            "ever",
            "within",
            "within-d",
            "within-0d",
            "within-3651d",
            "within--7d",
            "within-+7d",
            "before-7",
            "since-7d",
        ] {
            assert_eq!(SignedIn::read(word, now), None, "{word}");
        }
    }
}
