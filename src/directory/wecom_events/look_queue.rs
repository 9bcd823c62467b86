//! The queue of members whom events are about: looked at at once by whoever received the event, else taken up again after seconds, by one
//! replica, however often a process dies in between.

use std::{collections::BTreeMap, time::Duration};

use futures_util::{
    future::join_all,
    stream::{self, StreamExt},
};
use uuid::Uuid;

use super::{
    event_handler::{Hidden, Outcome, PARALLEL},
    pending_look::{CATCHING_UP, PendingLook, Told},
    service::Callbacks,
    store::{
        self,
        pending_looks::{self, Left},
    },
};
use crate::{kernel::failure::Result, store::AnyRow};

/// Members of one data source looked at together. When one of them fails the others wait for the next round, so that a WeCom that is down
/// is not asked about each.
const TOGETHER: usize = 4;
/// How long WeCom may take to show what it told, where only the ids of the corp can be read, which say nothing of who has a userid; and to tell the
/// rest, where several changed userids one after another.
const CATCHING_UP_BY_IDS: Duration = Duration::from_secs(20);

impl Callbacks {
    /// What there is where [`Callbacks::look_at_due`] has something to do.
    pub fn looks_due(&self) -> Vec<AnyRow> {
        vec![pending_looks::any_due(self.deps.clock.now())]
    }

    /// What there is where [`Callbacks::tick`] has more to do than that.
    pub fn endpoints_due(&self) -> Vec<AnyRow> {
        vec![store::any_due(self.deps.clock.now())]
    }

    /// Looks at the members who are due, a few data sources at a time, and returns how many it claimed. Safe to call on every replica at
    /// once.
    ///
    /// # Errors
    /// When the database does not answer; a look that fails is logged and made again later.
    pub async fn look_at_due(&self) -> Result<usize> {
        let mut due: BTreeMap<Uuid, Vec<PendingLook>> = BTreeMap::new();
        for look in pending_looks::due(&self.deps.database, self.deps.clock.now()).await? {
            due.entry(look.data_source).or_default().push(look);
        }
        let rounds = due.into_values().map(|looks| Box::pin(self.look_at_all(looks)));
        let rounds: Vec<Result<usize>> = stream::iter(rounds).buffer_unordered(PARALLEL).collect().await;
        rounds.into_iter().sum()
    }

    async fn look_at_all(&self, looks: Vec<PendingLook>) -> Result<usize> {
        let mut claimed = 0;
        for together in looks.chunks(TOGETHER) {
            let outcomes = join_all(together.iter().map(|look| self.claim_and_look(look))).await;
            let mut failed = false;
            for outcome in outcomes {
                match outcome? {
                    None => {}
                    Some(done) => {
                        claimed += 1;
                        failed |= !done;
                    }
                }
            }
            if failed {
                break;
            }
        }
        Ok(claimed)
    }

    /// Whether the look told something; `None`: another replica has it.
    async fn claim_and_look(&self, look: &PendingLook) -> Result<Option<bool>> {
        let now = self.deps.clock.now();
        let Some(claimed) = pending_looks::claim(&self.deps.database, look, now).await? else {
            return Ok(None);
        };
        match self.look(&claimed).await {
            Ok(_) => Ok(Some(true)),
            Err(failure) => {
                tracing::warn!(data_source = %look.data_source, %failure, "a member is looked at again later");
                Ok(Some(false))
            }
        }
    }

    /// Looks at a claimed member. `None`: a sync must decide, which is outstanding from here on.
    ///
    /// # Errors
    /// When it could not be done; the member is looked at again later.
    pub(super) async fn look(&self, look: &PendingLook) -> Result<Option<Outcome>> {
        let database = &self.deps.database;
        let now = || self.deps.clock.now();
        let decided = match self.decide(look).await {
            Ok(decided) => decided,
            Err(failure) => {
                pending_looks::postpone(database, look, look.next_after(now())).await?;
                return Err(failure);
            }
        };
        let patience = match decided {
            Some(Outcome::StillListed) => CATCHING_UP_BY_IDS,
            _ => CATCHING_UP,
        };
        match decided {
            Some(Outcome::Later | Outcome::StillListed) if !look.has_waited(now(), patience) => {
                pending_looks::postpone(database, look, look.next_after(now())).await?;
            }
            // A changed userid that no look decides, the sync weighs with all others.
            None | Some(Outcome::Later | Outcome::StillListed | Outcome::Renamed) => {
                let left = match (&look.told, decided) {
                    (Told::RenamedTo(_), Some(Outcome::Renamed)) => Left::CarriedOut,
                    (Told::RenamedTo(_), _) => Left::ToBeWeighed,
                    _ => Left::Over,
                };
                pending_looks::leave_to_sync(database, look, left, now()).await?;
                return Ok(None);
            }
            Some(_) => pending_looks::finish(database, look).await?,
        }
        Ok(decided)
    }

    async fn decide(&self, look: &PendingLook) -> Result<Option<Outcome>> {
        let (source, userid) = (look.data_source, look.userid.as_str());
        match &look.told {
            Told::Left => self.left(look).await,
            Told::Created => self.created(look).await.map(|()| None),
            Told::LeftScope(agent_id) => self.left_scope((source, userid), *agent_id).await,
            Told::RenamedTo(new) => self.rename(source, userid, new).await,
        }
    }

    /// Looks for who is said to have left. Whom the ids of the corp still hold by then, the company has given the userid anew.
    async fn left(&self, look: &PendingLook) -> Result<Option<Outcome>> {
        let decided = self
            .check_member(look.data_source, &look.userid, Hidden::IsGone)
            .await?;
        let shown_anew = decided == Some(Outcome::StillListed);
        if shown_anew && look.has_waited(self.deps.clock.now(), CATCHING_UP_BY_IDS) {
            self.note_gap(look).await?;
        }
        Ok(decided)
    }

    /// How many members are to be looked at.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn outstanding_looks(&self) -> Result<u64> {
        pending_looks::count(&self.deps.database).await
    }

    /// Takes over what a process that died had claimed; to be called only where nobody else is left.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn take_over(&self) -> Result<()> {
        pending_looks::release_claims(&self.deps.database, self.deps.clock.now()).await
    }
}
