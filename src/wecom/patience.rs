//! Patience: which calls are repeated, how often and after which gaps (reference 1.5, action R). The one place that decides it. Pure.

use std::time::Duration;

/// Calls that only read, so that asking twice does no harm (of an export a second job, whose files nobody fetches). Whatever is not listed is
/// sent once: a code is spent by its exchange (reference 1.3 rule 5), a message arrives twice.
const READS: &[&str] = &[
    "gettoken",
    "agent/get",
    "user/get",
    "user/list",
    "user/simplelist",
    "user/list_id",
    "department/list",
    "department/simplelist",
    "department/get",
    "tag/list",
    "tag/get",
    "export/department",
    "export/user",
    "export/simple_user",
    "export/get_result",
    EXPORT_FILE,
    "service/get_suite_token",
    "service/get_provider_token",
    "service/get_corp_token",
    "service/get_pre_auth_code",
    "service/v2/get_auth_info",
    "service/get_app_qrcode",
    "service/get_customized_auth_url",
    "service/get_admin_list",
];

/// The name of the download of an exported file, which is no call of the API.
pub(super) const EXPORT_FILE: &str = "export/file";

/// How long whoever asks can wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Patience {
    /// Somebody looks at a page meanwhile.
    Person,
    /// A sync, whose result is worthless if one read of thousands is missing.
    Background,
}

/// Why a call may succeed a moment later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// WeCom says that it is busy (-1, 6000, 45033); it wants at most three repetitions.
    Busy,
    /// No reply, a cut one, or one of a broken gateway.
    Broken,
}

/// What repeating one call may cost.
struct Budget {
    busy: u32,
    broken: u32,
    first: Duration,
    longest: Duration,
    /// From the first try to the start of the last.
    time: Duration,
}

const PERSON: Budget = Budget {
    busy: 2,
    broken: 2,
    first: Duration::from_millis(200),
    longest: Duration::from_secs(1),
    time: Duration::from_secs(4),
};

const BACKGROUND: Budget = Budget {
    busy: 3,
    broken: 6,
    first: Duration::from_millis(500),
    longest: Duration::from_secs(15),
    time: Duration::from_secs(90),
};

/// The wait before it is asked anew whether an export is done, after so many questions and so much waiting; `None`: it is late. How long
/// WeCom takes nobody says; its files live two hours (reference 5.7).
pub(super) fn export_gap(asked: u32, waited: Duration) -> Option<Duration> {
    const LONGEST: Duration = Duration::from_secs(30);
    const PATIENCE: Duration = Duration::from_secs(30 * 60);
    let gap = Duration::from_secs(2_u64.saturating_pow(asked)).min(LONGEST);
    (waited.saturating_add(gap) <= PATIENCE).then_some(gap)
}

/// Whether a call may be sent again after a reply, or none, that leaves open what became of it.
pub(super) fn is_repeatable(call: &str) -> bool {
    READS.contains(&call)
}

impl Patience {
    /// The wait before a call is sent again that failed so after `done` repetitions, `spent` after it was first sent; `None`: it is given up.
    /// `jitter` (any number) takes up to half of it away, so that many who failed together do not come back together. Where WeCom gave up
    /// answering altogether (`down`), one more try is enough.
    pub(super) fn gap(self, fault: Fault, done: u32, spent: Duration, jitter: u16, down: bool) -> Option<Duration> {
        let budget = match self {
            Self::Person => PERSON,
            Self::Background => BACKGROUND,
        };
        let most = match fault {
            Fault::Busy => budget.busy,
            Fault::Broken if down => 1,
            Fault::Broken => budget.broken,
        };
        let whole = budget
            .first
            .saturating_mul(2_u32.saturating_pow(done))
            .min(budget.longest);
        let gap = whole - whole.mul_f64(f64::from(jitter) / f64::from(u16::MAX) / 2.0);
        (done < most && spent.saturating_add(gap) <= budget.time).then_some(gap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_spends_something_is_never_repeated() {
        for call in [
            "auth/getuserinfo",
            "user/getuserinfo",
            "auth/getuserdetail",
            "user/getuserdetail",
            "service/auth/getuserinfo3rd",
            "service/auth/getuserdetail3rd",
            "service/v2/get_permanent_code",
            "message/send",
            "new/call",
        ] {
            assert!(!is_repeatable(call), "{call}");
        }
        assert!(READS.iter().all(|call| is_repeatable(call)));
    }

    #[test]
    fn gaps_grow_and_end_by_count() {
        let gaps = |patience: Patience, fault| -> Vec<u128> {
            (0..20)
                .map_while(|done| patience.gap(fault, done, Duration::ZERO, 0, false))
                .map(|gap| gap.as_millis())
                .collect()
        };
        assert_eq!(gaps(Patience::Person, Fault::Broken), [200, 400]);
        assert_eq!(gaps(Patience::Background, Fault::Busy), [500, 1000, 2000]);
        assert_eq!(
            gaps(Patience::Background, Fault::Broken),
            [500, 1000, 2000, 4000, 8000, 15000]
        );
    }

    #[test]
    fn time_ends_them_too_and_so_does_a_server_that_is_down() {
        let gap = |spent, down| Patience::Person.gap(Fault::Broken, 1, Duration::from_secs(spent), 0, down);
        assert!(gap(3, false).is_some() && gap(4, false).is_none());
        assert!(gap(0, true).is_none());
    }

    #[test]
    fn an_export_is_asked_about_ever_more_seldom_for_half_an_hour() {
        let mut waited = Duration::ZERO;
        let mut gaps = Vec::new();
        while let Some(gap) = export_gap(u32::try_from(gaps.len()).unwrap(), waited) {
            waited += gap;
            gaps.push(gap.as_secs());
        }
        assert_eq!(gaps[..6], [1, 2, 4, 8, 16, 30]);
        assert!(gaps.len() < 70 && waited > Duration::from_secs(29 * 60), "{gaps:?}");
    }

    #[test]
    fn jitter_takes_up_to_half_away() {
        let gap = |jitter| Patience::Person.gap(Fault::Busy, 0, Duration::ZERO, jitter, false);
        assert_eq!(gap(u16::MAX), Some(Duration::from_millis(100)));
        assert!(
            (0..=u16::MAX)
                .step_by(997)
                .all(|jitter| gap(jitter) >= gap(u16::MAX) && gap(jitter) <= gap(0))
        );
    }
}
