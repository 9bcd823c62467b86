//! Removal threshold: stops a run that would remove too many people. A shrunken visible scope looks like mass dismissal.

/// Up to this many removals are never unusual, however small the corp.
pub const ALWAYS_ALLOWED: usize = 10;

/// Whether a plan may be applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Go on.
    Pass,
    /// Apply nothing until an admin confirms.
    Pause,
}

/// Judges `removals` out of `present` members. `confirmed` is how many removals an admin agreed to; more than that asks again.
pub fn judge(removals: usize, present: usize, threshold_percent: u32, confirmed: Option<usize>) -> Verdict {
    let agreed = confirmed.is_some_and(|limit| removals <= limit);
    let threshold = usize::try_from(threshold_percent).unwrap_or(usize::MAX);
    let unusual = removals > ALWAYS_ALLOWED && removals.saturating_mul(100) > present.saturating_mul(threshold);
    if unusual && !agreed {
        Verdict::Pause
    } else {
        Verdict::Pass
    }
}

#[cfg(test)]
mod tests {
    use super::{Verdict, judge};

    #[test]
    fn a_few_removals_pass_in_any_corp() {
        assert_eq!(judge(10, 10, 20, None), Verdict::Pass);
        assert_eq!(judge(11, 11, 20, None), Verdict::Pause);
    }

    #[test]
    fn the_threshold_itself_still_passes() {
        assert_eq!(judge(200, 1000, 20, None), Verdict::Pass);
        assert_eq!(judge(201, 1000, 20, None), Verdict::Pause);
    }

    #[test]
    fn a_confirmation_covers_what_was_shown_and_no_more() {
        assert_eq!(judge(500, 1000, 20, Some(500)), Verdict::Pass);
        assert_eq!(judge(501, 1000, 20, Some(500)), Verdict::Pause);
    }
}
