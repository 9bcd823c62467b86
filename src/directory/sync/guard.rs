//! The guard: stops a run that would change unusually much, before anything is written. A shrunken visible scope looks like mass dismissal,
//! and a rule chosen by mistake like many people who were taken over. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{failure::SyncFailure, snapshot::Finding, source::Source};
use crate::directory::data_source::guard::Limit;

/// Up to this many are no unusual share, however small the corp.
const ALWAYS_ALLOWED: usize = 10;

/// Up to this many lose their access by no unusual share: of a small corp half of the people, and one alone always.
const fn few(present: usize) -> usize {
    match present / 2 {
        0 => 1,
        half if half < ALWAYS_ALLOWED => half,
        _ => ALWAYS_ALLOWED,
    }
}

/// How much a plan would change, by what is guarded: numbers of people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = SyncImpact)]
#[serde(default)]
pub struct Impact {
    /// Who loses access, or may have to wait for an admin: departures, newly outside, and doubts.
    pub removals: usize,
    /// Members who are gone.
    pub departures: usize,
    /// Members who are there and newly lose their access.
    pub outside: usize,
    /// Users made here who are taken over.
    pub overwrites: usize,
}

/// What shares are shares of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Base {
    /// Members who are there, before the run.
    pub present: usize,
    /// Members that WeCom shows.
    pub seen: usize,
}

/// The limits of this data source that a plan goes beyond, each as a finding that says what was seen and what is allowed; none: it may be
/// applied. `agreed` is what an admin confirmed: as much of each kind passes, and more asks again.
pub fn judge(impact: Impact, base: Base, source: &Source, agreed: Option<Impact>) -> Vec<Finding> {
    let agreed = agreed.unwrap_or_default();
    let overall = Limit {
        count: None,
        percent: Some(i64::from(source.removal_threshold_percent)),
    };
    let (guard, Base { present, seen }) = (&source.guard, base);
    let guarded = [
        (
            SyncFailure::RemovalsPaused,
            overall,
            impact.removals,
            present,
            agreed.removals,
        ),
        (
            SyncFailure::DeparturesPaused,
            guard.departures,
            impact.departures,
            present,
            agreed.departures,
        ),
        (
            SyncFailure::OutsidePaused,
            guard.outside,
            impact.outside,
            present,
            agreed.outside,
        ),
        (
            SyncFailure::OverwritesPaused,
            guard.overwrites,
            impact.overwrites,
            seen,
            agreed.overwrites,
        ),
    ];
    let breaches = guarded.into_iter().filter_map(|(kind, limit, wanted, of, agreed)| {
        let passing = match kind {
            SyncFailure::OverwritesPaused => ALWAYS_ALLOWED,
            _ => few(of),
        };
        let allowed = allowed(limit, of, passing).filter(|allowed| wanted > *allowed && wanted > agreed)?;
        let detail = format!("{}; {allowed} pass unasked", told(kind, impact, base));
        Some(Finding::of(kind, true, Some(detail)))
    });
    breaches.collect()
}

/// What a plan would do of what this finding is about.
fn told(kind: SyncFailure, impact: Impact, Base { present, seen }: Base) -> String {
    let Impact {
        removals,
        departures,
        outside,
        overwrites,
    } = impact;
    match kind {
        SyncFailure::DeparturesPaused => {
            format!("{departures} of {present} members would depart (guard.departures)")
        }
        SyncFailure::OutsidePaused => format!("{outside} of {present} members would be outside (guard.outside)"),
        SyncFailure::OverwritesPaused => {
            format!("{overwrites} users made here would be taken over, by {seen} members in WeCom (guard.overwrites)")
        }
        _ => {
            let doubts = removals.saturating_sub(departures.saturating_add(outside));
            format!(
                "{removals} of {present} members would lose their access: {departures} departed, {outside} outside, {doubts} in doubt (removal_threshold_percent)"
            )
        }
    }
}

/// Whether a finding of this number says that a limit is passed.
pub fn is_breach(number: &str) -> bool {
    let kinds = [
        SyncFailure::RemovalsPaused,
        SyncFailure::DeparturesPaused,
        SyncFailure::OutsidePaused,
        SyncFailure::OverwritesPaused,
        SyncFailure::OtherIds,
    ];
    kinds.iter().any(|kind| kind.entry().number == number)
}

/// Why a run is paused that comes by itself after an undo.
pub fn after_undo(source: &Source) -> Finding {
    let detail = source.undone_run.map(|run| format!("the run {run} was taken back"));
    Finding::of(SyncFailure::PausedAfterUndo, true, detail)
}

/// How many a limit allows, of which a share lets these pass however small it is; `None`: any number.
fn allowed(limit: Limit, of: usize, passing: usize) -> Option<usize> {
    let number = |value: i64| usize::try_from(value).unwrap_or(0);
    let share = limit.percent.map(|percent| {
        let share = of.saturating_mul(number(percent)) / 100;
        share.max(passing)
    });
    let count = limit.count.map(number);
    match (count, share) {
        (Some(count), Some(share)) => Some(count.min(share)),
        (count, share) => count.or(share),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::directory::{data_source::guard::Guard, importing::rules::ImportRules, sync::source::DuplicateRule};

    const NONE: Limit = Limit {
        count: None,
        percent: None,
    };

    fn source(threshold: u32, guard: Guard) -> Source {
        Source {
            id: Uuid::nil(),
            corp_id: "ww1".to_owned(),
            corp_key: "ww1".to_owned(),
            suite: None,
            enabled: true,
            read_by: crate::directory::data_source::model::ReadBy::Lists,
            rule: DuplicateRule::Skip,
            doubtful_continue: false,
            import: ImportRules::default(),
            vouched_domains: Vec::new(),
            removal_threshold_percent: threshold,
            guard,
            email_sources: Vec::new(),
            contacts_secret_sealed: None,
            app: None,
            undone_run: None,
            rehearsal: None,
        }
    }

    fn numbers(breaches: &[Finding]) -> Vec<&'static str> {
        breaches.iter().map(|breach| breach.number).collect()
    }

    fn departures(count: usize, present: usize, limit: Limit) -> Vec<&'static str> {
        let guard = Guard {
            departures: limit,
            ..Guard::default()
        };
        let impact = Impact {
            departures: count,
            ..Impact::default()
        };
        let base = Base { present, seen: present };
        numbers(&judge(impact, base, &source(100, guard), None))
    }

    #[test]
    fn the_overall_share_lets_a_few_pass_but_not_most_of_a_small_corp_and_itself_still_passes() {
        for (removals, present, pauses) in [
            (1, 1, false),
            (1, 2, false),
            (2, 2, true),
            (2, 3, true),
            (5, 10, false),
            (6, 10, true),
            (10, 20, false),
            (11, 40, true),
            (200, 1000, false),
            (201, 1000, true),
            (0, 0, false),
        ] {
            let impact = Impact {
                removals,
                departures: removals,
                ..Impact::default()
            };
            let base = Base { present, seen: present };
            let breaches = judge(impact, base, &source(20, Guard::default()), None);
            assert_eq!(!breaches.is_empty(), pauses, "{removals} of {present}");
        }
    }

    #[test]
    fn number_and_share_hold_together_and_a_number_has_no_tolerance() {
        let limit = |count, percent| Limit { count, percent };
        let paused = vec!["SY-147"];
        for (count, present, limit, expected) in [
            (500, 1000, NONE, vec![]),
            (1, 5, limit(Some(0), None), paused.clone()),
            (1, 5, limit(Some(1), None), vec![]),
            (2, 5, limit(Some(1), None), paused.clone()),
            (2, 5, limit(None, Some(1)), vec![]),
            (3, 5, limit(None, Some(1)), paused.clone()),
            (3, 5, limit(None, Some(60)), vec![]),
            (10, 20, limit(None, Some(1)), vec![]),
            (11, 1000, limit(None, Some(1)), paused.clone()),
            (51, 1000, limit(None, Some(5)), paused.clone()),
            (50, 1000, limit(Some(60), Some(5)), vec![]),
            (51, 1000, limit(Some(60), Some(5)), paused.clone()),
            (41, 1000, limit(Some(40), Some(5)), paused),
        ] {
            assert_eq!(
                departures(count, present, limit),
                expected,
                "{count} of {present}, {limit:?}"
            );
        }
    }

    #[test]
    fn each_kind_has_its_own_number_and_says_what_it_saw_and_allows() {
        let none = Limit {
            count: Some(0),
            percent: None,
        };
        let guard = Guard {
            departures: none,
            outside: none,
            overwrites: none,
        };
        let impact = Impact {
            removals: 12,
            departures: 5,
            outside: 7,
            overwrites: 3,
        };
        let base = Base { present: 40, seen: 50 };
        let breaches = judge(impact, base, &source(20, guard), None);
        assert_eq!(numbers(&breaches), ["SY-104", "SY-147", "SY-148", "SY-149"]);
        let details: Vec<String> = breaches.iter().filter_map(|breach| breach.detail.clone()).collect();
        assert!(
            details[0].starts_with("12 of 40 members") && details[0].ends_with("10 pass unasked"),
            "{details:?}"
        );
        assert!(
            details[1].starts_with("5 of 40 members") && details[1].ends_with("(guard.departures); 0 pass unasked")
        );
        assert!(details[2].starts_with("7 of 40 members") && details[2].contains("(guard.outside)"));
        assert!(details[3].starts_with("3 users") && details[3].contains("by 50 members"));
    }

    #[test]
    fn a_confirmation_covers_what_was_shown_of_each_kind_and_no_more() {
        let guard = Guard {
            overwrites: Limit {
                count: Some(1),
                percent: None,
            },
            ..Guard::default()
        };
        let shown = Impact {
            removals: 500,
            departures: 500,
            outside: 0,
            overwrites: 4,
        };
        let base = Base {
            present: 1000,
            seen: 500,
        };
        let judged = |impact| numbers(&judge(impact, base, &source(20, guard), Some(shown)));
        assert!(judged(shown).is_empty());
        let more = Impact { removals: 501, ..shown };
        assert_eq!(judged(more), ["SY-104"]);
        let more = Impact { overwrites: 5, ..shown };
        assert_eq!(judged(more), ["SY-149"]);
    }

    #[test]
    fn who_is_taken_over_at_a_first_sync_is_measured_by_who_is_seen() {
        let impact = Impact {
            overwrites: 60,
            ..Impact::default()
        };
        let judged = |seen| {
            let base = Base { present: 0, seen };
            numbers(&judge(impact, base, &source(20, Guard::default()), None))
        };
        assert_eq!(judged(100), ["SY-149"]);
        assert!(judged(120).is_empty());
    }
}
