//! When a data source is synced again after runs that did not tell everything: after seconds at first, later after minutes. Pure.

use std::time::Duration;

use super::failure::SyncFailure;
use crate::wecom::WeComFailure;

/// Waits after the first, second, … run in a row that did not succeed; the last one repeats.
const GAPS: [Duration; 5] = [
    Duration::from_secs(10),
    Duration::from_secs(30),
    Duration::from_secs(2 * 60),
    Duration::from_secs(10 * 60),
    LONGEST,
];
/// The longest wait.
pub const LONGEST: Duration = Duration::from_secs(30 * 60);
/// WeCom throttles by the minute at least (reference 12).
const THROTTLED: Duration = Duration::from_secs(2 * 60);

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Everything was read, or an admin has to decide.
    Settled,
    /// Something could not be read.
    Incomplete,
    /// It failed with this number.
    Failed(String),
}

/// The wait after these runs, the newest first; `None`: the schedule is soon enough, because something stays unreadable.
pub fn gap(runs: &[Ended]) -> Option<Duration> {
    let streak = runs.iter().take_while(|run| **run != Ended::Settled).count();
    let growing = GAPS.get(streak.saturating_sub(1)).copied();
    match runs.first() {
        Some(Ended::Failed(number)) if needs_an_admin(number) => Some(LONGEST),
        Some(Ended::Failed(number)) if *number == SyncFailure::Throttled.entry().number => {
            Some(growing.unwrap_or(LONGEST).max(THROTTLED))
        }
        Some(Ended::Failed(_)) => Some(growing.unwrap_or(LONGEST)),
        _ => growing,
    }
}

/// The wait after a run whose process died: none, unless the ones before it died too.
pub fn gap_after_death(runs: &[Ended]) -> Duration {
    let died = Ended::Failed(SyncFailure::Interrupted.entry().number.to_owned());
    let streak = runs.iter().take_while(|run| **run == died).count();
    match streak {
        0 | 1 => Duration::ZERO,
        streak => GAPS.get(streak - 2).copied().unwrap_or(LONGEST),
    }
}

/// Whether a failure lasts until somebody mends something.
fn needs_an_admin(number: &str) -> bool {
    let entries = SyncFailure::ENTRIES.iter().chain(WeComFailure::ENTRIES);
    let refused = entries
        .filter(|entry| entry.number == number)
        .any(|entry| entry.status < 500);
    let lasting = [
        SyncFailure::DetailsForbidden,
        SyncFailure::NothingVisible,
        SyncFailure::AddressNotTrusted,
    ];
    refused || lasting.iter().any(|kind| kind.entry().number == number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secs(runs: &[Ended]) -> Option<u64> {
        gap(runs).map(|gap| gap.as_secs())
    }

    fn failed(number: &str) -> Ended {
        Ended::Failed(number.to_owned())
    }

    #[test]
    fn what_may_heal_by_itself_is_tried_again_after_seconds_and_then_less_often() {
        for run in [failed("SY-105"), failed("WC-140"), failed("ST-101"), failed("SY-109")] {
            let gaps: Vec<_> = (1..8).map(|streak| secs(&vec![run.clone(); streak]).unwrap()).collect();
            assert_eq!(gaps, [10, 30, 120, 600, 1800, 1800, 1800], "{run:?}");
        }
        let mixed = [failed("SY-105"), Ended::Incomplete, Ended::Settled, failed("SY-105")];
        assert_eq!(secs(&mixed), Some(30));
        assert_eq!(secs(&[failed("SY-112")]), Some(120));
        assert_eq!(secs(&[]), Some(10));
    }

    #[test]
    fn what_an_admin_must_mend_waits() {
        for number in ["SY-114", "WC-110", "SY-102", "SY-113", "SY-106"] {
            assert_eq!(secs(&[failed(number)]), Some(1800), "{number}");
        }
    }

    #[test]
    fn what_stays_unreadable_is_left_to_the_schedule() {
        assert_eq!(secs(&vec![Ended::Incomplete; 5]), Some(1800));
        assert_eq!(secs(&vec![Ended::Incomplete; 6]), None);
    }

    #[test]
    fn a_run_that_was_killed_goes_on_at_once_unless_it_kills() {
        let gaps: Vec<_> = (0..5)
            .map(|streak| gap_after_death(&vec![failed("SY-109"); streak]).as_secs())
            .collect();
        assert_eq!(gaps, [0, 0, 10, 30, 120]);
    }
}
