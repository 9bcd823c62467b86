//! What WeCom announces about an app: it is, or will be, switched off because it is not used (reference 17.1); what stands and what is over.
//! Pure.

use std::time::Duration;

use uuid::Uuid;

use super::model::WeComApp;
use crate::{
    directory::setup_problem::{Problem, SetupProblem},
    kernel::clock::Timestamp,
    wecom::callback::Activity,
};

/// Nothing takes the notice of missing licences back, and WeCom repeats it while they are missing.
const LICENCES_SHOWN: Duration = Duration::from_secs(7 * 24 * 3600);

/// What an announcement does to the notices that stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It stands from now on.
    Raises(Activity),
    /// These are over.
    Clears(&'static [Activity]),
}

impl Effect {
    /// The effect of what WeCom says.
    pub const fn of(activity: Activity) -> Self {
        match activity {
            Activity::ReopenInactiveAgent => Self::Clears(&[Activity::InactiveAlert, Activity::CloseInactiveAgent]),
            Activity::ActiveRestored => {
                Self::Clears(&[Activity::InactiveAlert, Activity::LowActiveAlert, Activity::LowActive])
            }
            raised => Self::Raises(raised),
        }
    }
}

/// An announcement that was not taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AppNotice {
    /// Which app.
    pub app_id: Uuid,
    /// What WeCom said.
    pub activity: Activity,
    /// When, by WeCom's clock.
    pub told_at: Timestamp,
    /// From when on it takes effect.
    pub effective_at: Option<Timestamp>,
}

impl AppNotice {
    /// Whether it still stands. Events may be lost (reference 6.5): an app that was read as enabled after it was, or was to be, switched
    /// off is not off.
    pub fn stands(&self, app: &WeComApp, scope_read: Option<Timestamp>, now: Timestamp) -> bool {
        let read_open_after = |moment: Timestamp| !app.closed && scope_read.is_some_and(|read| read > moment);
        match (self.activity, self.effective_at) {
            (Activity::CloseInactiveAgent, _) => !read_open_after(self.told_at),
            (Activity::InactiveAlert, Some(effective)) => !read_open_after(effective.max(self.told_at)),
            (Activity::UnlicensedNotify, _) => now.since(self.told_at) < LICENCES_SHOWN,
            _ => true,
        }
    }

    /// The problem to show.
    pub fn problem(&self, app: &WeComApp) -> Problem {
        let kind = match self.activity {
            Activity::InactiveAlert | Activity::ReopenInactiveAgent => SetupProblem::AppWillBeClosed,
            Activity::CloseInactiveAgent => SetupProblem::AppClosedUnused,
            Activity::LowActiveAlert => SetupProblem::AppWillBeLowActive,
            Activity::LowActive | Activity::ActiveRestored => SetupProblem::AppLowActive,
            Activity::UnlicensedNotify => SetupProblem::LicencesMissing,
        };
        Problem {
            since: Some(self.told_at),
            effective_at: self.effective_at,
            ..Problem::of(kind.entry(), format!("AgentId {}.", app.agent_id))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(24 * 3600);

    #[test]
    fn what_was_read_later_outweighs_a_lost_event() {
        let mut app = WeComApp {
            id: Uuid::from_u128(1),
            corp_id: "wwA".to_owned(),
            agent_id: 7,
            suite: None,
            name: String::new(),
            closed: false,
        };
        let told_at = Timestamp::from_secs(1_760_000_000);
        let effective_at = Some(told_at.plus(DAY * 30));
        let stands = |app: &WeComApp, activity, days: u32| {
            let notice = AppNotice {
                app_id: app.id,
                activity,
                told_at,
                effective_at,
            };
            let at = told_at.plus(DAY * days);
            notice.stands(app, Some(at), at)
        };
        for (activity, standing, over) in [
            (Activity::CloseInactiveAgent, 0, 1),
            (Activity::InactiveAlert, 30, 31),
            (Activity::UnlicensedNotify, 6, 7),
        ] {
            assert!(stands(&app, activity, standing), "{activity:?}");
            assert!(!stands(&app, activity, over), "{activity:?}");
        }
        assert!(stands(&app, Activity::LowActive, 400));
        app.closed = true;
        assert!(stands(&app, Activity::CloseInactiveAgent, 400) && stands(&app, Activity::InactiveAlert, 400));
    }
}
