//! Work that is polled: one statement each second tells which of it has something to do, and only that runs. So whatever a replica put into a table,
//! another finds within a second, and where there is nothing it costs no more than that.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::sync::Notify;

use super::{
    running::RunningJobs,
    work::{Jobs, traced},
};
use crate::{kernel::failure::Result, store::AnyRow};

/// Polling interval: at most so long after the end of a session its portals are told, after a matter is decided its cards lose their buttons, and after
/// their date people are signed out.
const INTERVAL: Duration = Duration::from_secs(1);
/// Longest wait for the answer. A server that vanished meanwhile must not silence the jobs.
const LONGEST_POLL: Duration = Duration::from_secs(5);
/// Polls of syncs that are due: what was interrupted, or failed because WeCom was away, goes on after seconds.
const SYNC_POLLS: u64 = 5;

/// What is polled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Polled {
    /// The outbox of logouts: sessions end in many places and on any replica, and each end fills it.
    Logouts,
    /// The outbox of notices, which is filled in the transactions of what is told.
    Notices,
    /// Cards whose matter was decided.
    Cards,
    /// The members whom WeCom's events are about and who could not be looked at at once.
    Looks,
    /// Whose access ends by its date.
    AccessEnds,
    /// Access requests: presses of cards, and what ends them by itself.
    Requests,
    /// The sync schedule, and runs whose process died.
    Schedule,
    /// Syncs for events that could not be acted on at once.
    Events,
    /// Readings of WeCom apps.
    Apps,
    /// What cancelled installations left over.
    Cancelled,
    /// Companies that deleted the app: their people's access ends whatever else is being done about installations.
    Deletions,
    /// Pushes about installations that another replica received, and what is due about them.
    Installations,
}

const POLLED: &[Polled] = &[
    Polled::Logouts,
    Polled::Notices,
    Polled::Cards,
    Polled::Looks,
    Polled::AccessEnds,
    Polled::Requests,
    Polled::Schedule,
    Polled::Events,
    Polled::Apps,
    Polled::Cancelled,
    Polled::Deletions,
    Polled::Installations,
];

impl Polled {
    /// As traces name it.
    const fn name(self) -> &'static str {
        match self {
            Self::Logouts => "Delivery",
            Self::Notices => "NoticeDelivery",
            Self::Cards => "Cards",
            Self::Looks => "Looks",
            Self::AccessEnds => "AccessEnds",
            Self::Requests => "Requests",
            Self::Schedule => "Schedule",
            Self::Events => "Events",
            Self::Apps => "Apps",
            Self::Cancelled => "Cancelled",
            Self::Deletions => "Deletions",
            Self::Installations => "Installations",
        }
    }

    /// It is asked for in every so many polls.
    fn polls(self, tick: Duration) -> u64 {
        let ticks = tick.as_secs().max(1);
        match self {
            Self::Schedule | Self::Events => ticks.min(SYNC_POLLS),
            Self::Apps | Self::Cancelled => ticks,
            _ => 1,
        }
    }
}

impl Jobs {
    /// What of the work whose turn it is in this poll has something to do, by one statement.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn poll(&self, poll: u64, tick: Duration) -> Result<Vec<Polled>> {
        let turns = turns(poll, tick).map(|work| (work, self.due(work)));
        let turns: Vec<(Polled, Vec<AnyRow>)> = turns.collect();
        let questions = turns.iter().flat_map(|(_, due)| due.iter().cloned()).collect();
        let mut answers = AnyRow::ask(&self.database, questions).await?.into_iter();
        let due = turns.into_iter().filter_map(|(work, due)| {
            let found = answers.by_ref().take(due.len()).filter(|found| *found).count();
            (found > 0).then_some(work)
        });
        Ok(due.collect())
    }

    /// What there is where it has something to do.
    fn due(&self, work: Polled) -> Vec<AnyRow> {
        match work {
            Polled::Logouts => self.provider.logouts_due(),
            Polled::Notices => self.notices.due(),
            Polled::Cards => self.cards.due(),
            Polled::Looks => self.callbacks.looks_due(),
            Polled::AccessEnds => self.offboarding.dates_come(),
            Polled::Requests => self.requests.due(),
            Polled::Schedule => self.sync.turns_due(),
            Polled::Events => self.callbacks.endpoints_due(),
            Polled::Apps => self.sync.apps_due(),
            Polled::Cancelled => self.offboarding.cancelled(),
            Polled::Deletions => self.installations.deletions_due(),
            Polled::Installations => self.installations.due(),
        }
    }

    /// Begins or does it. Boxed, since together the futures are too large for the stack of a small thread.
    async fn carry_out(&self, work: Polled) -> Result<()> {
        match work {
            Polled::Logouts => Box::pin(self.provider.deliver()).await,
            Polled::Notices => Box::pin(self.notices.deliver()).await,
            Polled::Cards => Box::pin(self.cards.begin()).await.map(drop),
            Polled::Looks => Box::pin(self.callbacks.look_at_due()).await.map(drop),
            Polled::AccessEnds => Box::pin(self.offboarding.end_due()).await.map(drop),
            Polled::Requests => Box::pin(self.requests.tick()).await,
            Polled::Schedule => Box::pin(self.sync.tick()).await.map(drop),
            Polled::Events => Box::pin(self.callbacks.tick()).await.map(drop),
            Polled::Apps => Box::pin(self.sync.read_apps()).await.map(drop),
            Polled::Cancelled => Box::pin(self.offboarding.go_on()).await.map(drop),
            Polled::Deletions => Box::pin(self.installations.end_deleted()).await.map(drop),
            Polled::Installations => Box::pin(self.installations.tick()).await,
        }
    }

    /// Starts to poll. Each work runs by itself, and once more where it was found due while it ran.
    pub(super) fn start_polling(&self, running: &mut RunningJobs, tick: Duration) {
        let wakes: Vec<(Polled, Arc<Notify>)> = POLLED.iter().map(|work| (*work, Arc::default())).collect();
        for (work, wake) in &wakes {
            let (jobs, work) = (self.clone(), *work);
            running.whenever(Arc::clone(wake), move || {
                let jobs = jobs.clone();
                async move {
                    if let Err(failure) = traced(work.name(), jobs.carry_out(work)).await {
                        tracing::error!(%failure, ?work, "what is due could not be looked at");
                    }
                }
            });
        }
        let (jobs, wakes, polls) = (self.clone(), Arc::new(wakes), Arc::new(AtomicU64::new(0)));
        running.every(INTERVAL, move || {
            let (jobs, wakes, poll) = (jobs.clone(), Arc::clone(&wakes), polls.fetch_add(1, Ordering::Relaxed));
            async move {
                let due = due_or_all((jobs.poll(poll, tick), LONGEST_POLL), turns(poll, tick)).await;
                let due = wakes.iter().filter(|(work, _)| due.contains(work));
                due.for_each(|(_, wake)| wake.notify_one());
            }
        });
    }
}

/// What a poll found, within this time; where it told nothing, all whose turn it is: each looks for itself.
async fn due_or_all(
    (poll, within): (impl Future<Output = Result<Vec<Polled>>>, Duration),
    all: impl Iterator<Item = Polled>,
) -> Vec<Polled> {
    match tokio::time::timeout(within, poll).await {
        Ok(Ok(due)) => return due,
        Ok(Err(failure)) => tracing::error!(%failure, "what is due could not be asked for"),
        Err(_) => tracing::error!("what is due was not told in time"),
    }
    all.collect()
}

/// What is asked for in this poll.
fn turns(poll: u64, tick: Duration) -> impl Iterator<Item = Polled> {
    let polled = POLLED.iter().copied();
    polled.filter(move |work| poll.is_multiple_of(work.polls(tick)))
}

#[cfg(test)]
mod tests {
    use std::{
        future::{pending, ready},
        time::Duration,
    };

    use super::{POLLED, Polled, due_or_all, turns};
    use crate::store::failure::StoreFailure;

    const TICK: Duration = Duration::from_secs(30);

    #[tokio::test]
    async fn where_a_poll_fails_or_never_ends_each_looks_for_itself() {
        let all = || turns(0, TICK);
        let found = due_or_all((ready(Ok(vec![Polled::Looks])), TICK), all()).await;
        assert_eq!(found, [Polled::Looks]);
        let failed = due_or_all((ready(Err(StoreFailure::Database.failure())), TICK), all()).await;
        assert_eq!(failed, POLLED);
        let silent = due_or_all((pending(), Duration::ZERO), all()).await;
        assert_eq!(silent, POLLED);
    }

    #[test]
    fn what_is_urgent_is_asked_for_each_second_and_all_else_now_and_then() {
        let asked = |poll| turns(poll, TICK).collect::<Vec<_>>();
        assert_eq!(asked(0), POLLED);
        for rare in [Polled::Schedule, Polled::Events, Polled::Apps, Polled::Cancelled] {
            assert!(!asked(1).contains(&rare));
        }
        assert_eq!(asked(1).len() + 2, asked(5).len());
        assert_eq!(asked(30), POLLED);
    }
}
