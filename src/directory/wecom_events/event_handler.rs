//! Acts on WeCom contact events: a live member lookup of who is said to have left, or a sync. Nothing the event says is believed (reference
//! 6.5).
//!
//! What does not complete (the process dies, WeCom is down, a sync is running already) stays outstanding, and [`Callbacks::tick`] takes it up
//! again: members to look at with their userid ([`super::look_queue`]), everything else as a sync of the data source.

use std::{collections::BTreeMap, time::Duration};

use futures_util::stream::{self, StreamExt};
use uuid::Uuid;

use super::{pending_look::CLAIM, receive::PendingEvent, service::Callbacks, store};
use crate::{
    directory::offboarding::model::EndReason,
    directory::sync::{
        failure::SyncFailure,
        mirror::ThroughApp,
        plan::{
            changes::Said,
            model::{AccessEnd, Departure, RowVersion},
        },
        run_context::Job,
        run_state::{Cause, State},
        snapshot::key,
        source::{Credentials, Source},
        store::{access, app_readings, departures, other_apps, runs, sources},
    },
    kernel::{clock::Timestamp, failure::Result},
    wecom::model::{Credential, MemberLookup},
};

/// Events coalesce: least time from the end of a sync for events to the start of the next of the same data source. Events that arrive
/// meanwhile share that one. Leavers do not wait for it: they are looked up live, or among the ids of the corp where nobody can be looked up, and so is
/// everybody who signs in; and where more wait to be looked up than are kept ([`super::lanes::Lane::hurry`]), the sync does not wait either.
pub(super) const MIN_SYNC_INTERVAL: Duration = Duration::from_secs(60);
/// How long events only wait that come while a sync is running: they are due at once when it ends.
const WHILE_RUNNING: Duration = Duration::from_secs(1);
/// Data sources synced at once.
pub(super) const PARALLEL: usize = 3;

/// What it means that a member is not visible to WeCom's member lookup.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Hidden {
    /// The event says that they left the corp.
    IsGone,
    /// The event says that they left the app's scope.
    MayBeInCorp,
    /// The event says that they left the scope of this app, which is not the integration app.
    FromApp(ThroughApp),
}

/// Outcome of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The member departed: user disabled, sessions ended, grants revoked.
    Departed,
    /// The member is still visible, with another status, which is stored now.
    StatusChanged,
    /// No member we hold is concerned.
    Nothing,
    /// A sync ran.
    Synced(State),
    /// WeCom does not show the change yet, a sync is running that may have missed it, or one has just ended: retried later.
    Later,
    /// The userid of whoever is said to have left, or to have another one now, is somebody's, of whom nothing more is shown or who is somebody else:
    /// looked at again for some seconds, then a sync decides who has which.
    StillListed,
    /// A member has another userid now; what else changed a sync tells.
    Renamed,
}

impl Callbacks {
    /// Acts on a recorded event.
    ///
    /// # Errors
    /// When it could not be done; the event stays recorded for [`Callbacks::tick`].
    pub async fn handle_event(&self, task: PendingEvent) -> Result<Outcome> {
        let decided = match &task.look {
            Some(look) => self.look(look).await?,
            None => None,
        };
        match decided {
            Some(outcome) => Ok(outcome),
            None => self.sync_once(task.data_source).await,
        }
    }

    /// Acts on a recorded event in the background.
    pub fn spawn_handling(&self, task: PendingEvent) {
        let callbacks = self.clone();
        self.background.spawn(async move {
            let (endpoint, lane) = (task.endpoint, callbacks.lanes.of(task.data_source));
            let _turn = match &task.look {
                Some(_) => lane.looking.acquire().await.ok(),
                None => None,
            };
            // Whoever waited for longer than the claim holds is looked at by the queue.
            let now = callbacks.deps.clock.now();
            if task.look.as_ref().is_some_and(|look| look.next_at < now) {
                return;
            }
            match callbacks.handle_event(task).await {
                Ok(outcome) => tracing::info!(%endpoint, ?outcome, "acted on an event of WeCom"),
                Err(failure) => tracing::warn!(%endpoint, %failure, "an event of WeCom is acted on later"),
            }
        });
    }

    /// Waits until no background task is running; for an orderly shutdown, and for tests.
    pub async fn idle(&self) {
        self.background.idle().await;
    }

    /// Takes up again what is outstanding: looks at the members who are due, then syncs data sources, a few at a time. Answers how many
    /// members and endpoints it claimed. Safe to call on every replica at once: each is claimed by one.
    ///
    /// # Errors
    /// When the database does not answer; a sync that fails is logged and tried again later.
    pub async fn tick(&self) -> Result<usize> {
        let looked_at = self.look_at_due().await?;
        let mut due: BTreeMap<Uuid, Vec<store::Due>> = BTreeMap::new();
        for endpoint in store::due(&self.deps.database, self.deps.clock.now()).await? {
            due.entry(endpoint.data_source_id).or_default().push(endpoint);
        }
        let syncs = due.into_values().map(|endpoints| Box::pin(self.catch_up(endpoints)));
        let syncs: Vec<Result<usize>> = stream::iter(syncs).buffer_unordered(PARALLEL).collect().await;
        Ok(looked_at + syncs.into_iter().sum::<Result<usize>>()?)
    }

    /// Claims and syncs the endpoints of one data source one after the other: the first sync mostly does for all. The claim is short, so that
    /// whoever dies meanwhile is followed soon; a sync that goes on for longer is seen by its own lease.
    async fn catch_up(&self, endpoints: Vec<store::Due>) -> Result<usize> {
        let mut claimed = 0;
        for due in endpoints {
            let (database, clock) = (&self.deps.database, &self.deps.clock);
            if !store::claim(database, &due, clock.now().plus(CLAIM)).await? {
                continue;
            }
            claimed += 1;
            match self.sync(due.data_source_id).await {
                Ok(Outcome::Later) => continue,
                Ok(_) => {}
                Err(failure) => {
                    tracing::warn!(data_source = %due.data_source_id, %failure, "a sync for outstanding events failed");
                }
            }
            // Whatever is outstanding still waits as long as the runs before deserve.
            let gap = self.deps.sync.retry_gap(due.data_source_id).await?;
            store::hasten(database, due.data_source_id, clock.now().plus(gap)).await?;
        }
        Ok(claimed)
    }

    /// Looks one member up live. `None`: a single lookup cannot decide this, so a sync must.
    pub(super) async fn check_member(
        &self,
        data_source: Uuid,
        userid: &str,
        hidden: Hidden,
    ) -> Result<Option<Outcome>> {
        let Some((source, credentials)) = self.source(data_source).await? else {
            return Ok(None);
        };
        let Some(credential) = lookup_credential(&credentials) else {
            return Ok(None);
        };
        self.look_through(credential, (&source, userid), (hidden, credentials.contacts.as_ref()))
            .await
    }

    /// Looks up live who is said to have left an app's scope, through that very app: another one shows other people.
    pub(super) async fn left_scope(
        &self,
        (data_source, userid): (Uuid, &str),
        agent_id: Option<i64>,
    ) -> Result<Option<Outcome>> {
        let database = &self.deps.database;
        let source = sources::find(database, data_source).await?;
        let source = source.filter(|source| source.enabled);
        let (Some(source), Some(agent_id)) = (source, agent_id) else {
            return self.check_member(data_source, userid, Hidden::MayBeInCorp).await;
        };
        // What we hold of its scope is old by now.
        app_readings::hasten(database, &source.corp_id, agent_id, self.deps.clock.now()).await?;
        let Some(app) = other_apps::find(database, &source, agent_id).await? else {
            return self.check_member(data_source, userid, Hidden::MayBeInCorp).await;
        };
        let through = ThroughApp {
            id: app.id,
            agent_id: app.agent_id,
        };
        let credential = self.deps.sync.app_credential(&app).await?;
        self.look_through(&credential, (&source, userid), (Hidden::FromApp(through), None))
            .await
    }

    /// `contacts`: shows the ids of the whole corp, so that a sync can tell whether whom this app does not show has left it, and the ids alone
    /// tell where nobody can be looked at.
    async fn look_through(
        &self,
        credential: &Credential,
        (source, userid): (&Source, &str),
        (hidden, contacts): (Hidden, Option<&Credential>),
    ) -> Result<Option<Outcome>> {
        let database = &self.deps.database;
        let asked_at = self.deps.clock.now();
        let member_lookup = match self.deps.wecom.member(credential, userid).await {
            Ok(member_lookup) => member_lookup,
            Err(error) if error.is_passing() => return Err(error.into()),
            Err(error) => {
                tracing::info!(%error, "who left could not be looked at");
                return match contacts.filter(|_| hidden == Hidden::IsGone) {
                    Some(contacts) => self.look_among_ids(contacts, (source, userid), asked_at).await,
                    None => Ok(None),
                };
            }
        };
        let held = store::find_present(database, source.id, &key(userid)).await?;
        match (member_lookup, held) {
            (MemberLookup::NotVisible { .. }, None) => Ok(Some(Outcome::Nothing)),
            // Their access through the app ends now. Whether they left the corp as well, the sync that follows tells.
            (MemberLookup::NotVisible { .. }, Some(member)) => match hidden {
                Hidden::MayBeInCorp if contacts.is_some() => {
                    store::mark_unconfirmed(database, member.id, asked_at).await?;
                    let outside = (EndReason::OutOfScope, None, None);
                    self.end_access(source, member, asked_at, outside).await.map(|()| None)
                }
                Hidden::FromApp(app) => {
                    let outside = (EndReason::OutOfScope, None, Some(app));
                    self.end_access(source, member, asked_at, outside).await.map(|()| None)
                }
                Hidden::IsGone | Hidden::MayBeInCorp => self.depart(source, member, asked_at).await,
            },
            (MemberLookup::Visible(_), None) => Ok(None),
            (MemberLookup::Visible(seen), Some(member)) if self.is_given_on(&member, &seen, hidden).await? => Ok(None),
            (MemberLookup::Visible(seen), Some(member)) => {
                match seen
                    .status
                    .and_then(|status| Some((EndReason::of_status(status)?, status)))
                {
                    Some((reason, status)) => {
                        let now = self.deps.clock.now();
                        store::set_status(database, member.id, status, (asked_at, now)).await?;
                        self.end_access(source, member, asked_at, (reason, Some(status), None))
                            .await?;
                        Ok(Some(Outcome::StatusChanged))
                    }
                    // Events may be ahead of what the API shows (reference 6.5).
                    None => Ok(Some(Outcome::Later)),
                }
            }
        }
    }

    /// Ends the access of a member who is still there, as a sync would.
    async fn end_access(
        &self,
        source: &Source,
        member: store::Present,
        asked_at: Timestamp,
        (reason, status, through): (EndReason, Option<i32>, Option<ThroughApp>),
    ) -> Result<()> {
        let Some(user_id) = member.user_id else { return Ok(()) };
        let end = AccessEnd {
            member: Some(member.id),
            userid: member.userid,
            user_id,
            may_disable: true,
            reason,
            status,
            newly: true,
            after_members: false,
            through,
        };
        let reach = sources::reach_of_scope(&self.deps.database, source).await?;
        access::end(&self.job(source, asked_at), &[&end], reach, &Said::default())
            .await
            .map(|_| ())
    }

    fn job<'a>(&'a self, source: &'a Source, asked_at: Timestamp) -> Job<'a> {
        Job {
            db: &self.deps.database,
            clock: &self.deps.clock,
            entropy: &self.deps.entropy,
            data_source_id: source.id,
            corp_key: &source.corp_key,
            run: None,
            fetched_at: asked_at,
        }
    }

    /// Writes a departure as a sync would. `None` when a sign-in confirmed the member, or a sync changed them, since we asked.
    pub(super) async fn depart(
        &self,
        source: &Source,
        member: store::Present,
        asked_at: Timestamp,
    ) -> Result<Option<Outcome>> {
        let departure = Departure {
            held: RowVersion {
                id: member.id,
                version: member.version,
            },
            userid: member.userid,
            user_id: member.user_id,
            told: true,
            reused: false,
        };
        let gone = departures::write(&self.job(source, asked_at), &[departure], &Said::default()).await?;
        Ok(gone.contains(&member.id).then_some(Outcome::Departed))
    }

    /// Loads the data source, unless it is disabled, with its secrets opened.
    pub(super) async fn source(&self, data_source: Uuid) -> Result<Option<(Source, Credentials)>> {
        let source = sources::find(&self.deps.database, data_source).await?;
        let Some(source) = source.filter(|source| source.enabled) else {
            return Ok(None);
        };
        let credentials = self.deps.sync.credentials(&source).await?;
        Ok(Some((source, credentials)))
    }

    /// As [`Callbacks::sync`], which one does for all whose events come meanwhile.
    async fn sync_once(&self, data_source: Uuid) -> Result<Outcome> {
        let now = || self.deps.clock.now();
        let Some(mut decision) = self.lanes.of(data_source).decide(now()) else {
            return Ok(Outcome::Later);
        };
        let outcome = self.sync(data_source).await;
        while decision.is_asked_again(now()) {
            if let Err(failure) = self.sync(data_source).await {
                tracing::warn!(%data_source, %failure, "a sync for events is tried again later");
                break;
            }
        }
        outcome
    }

    /// Runs a sync, and settles the events that were outstanding before its first call to WeCom; later ones stay outstanding. Until [`MIN_SYNC_INTERVAL`]
    /// after the last such sync it only schedules the next: in a corp that changes much, events would otherwise start full syncs back to
    /// back.
    async fn sync(&self, data_source: Uuid) -> Result<Outcome> {
        let database = &self.deps.database;
        let outstanding = store::outstanding(database, data_source).await?;
        let started_at = self.deps.clock.now();
        // The first sync imports people, and an admin sees before what it does; it reads everything that events tell of.
        if store::awaits_first_sync(database, data_source).await? {
            store::settle_all(database, outstanding).await?;
            return Ok(Outcome::Later);
        }
        let lane = self.lanes.of(data_source);
        let hurried = lane.is_hurried();
        let last = match hurried {
            true => None,
            false => runs::last_ended(database, data_source, Cause::Event).await?,
        };
        if let Some(next) = last
            .map(|ended| ended.plus(MIN_SYNC_INTERVAL))
            .filter(|next| *next > started_at)
        {
            store::hasten(database, data_source, next).await?;
            lane.rest(next);
            return Ok(Outcome::Later);
        }
        let run = match self.deps.sync.start(data_source, Cause::Event).await {
            Err(failure) if failure.entry == SyncFailure::AlreadyRunning.entry() => {
                store::hasten(database, data_source, started_at).await?;
                lane.rest(started_at.plus(WHILE_RUNNING));
                if hurried {
                    lane.hurry();
                }
                return Ok(Outcome::Later);
            }
            started => started?,
        };
        let state = self.deps.sync.execute(run).await?;
        // A paused run waits for an admin, who has it fetch anew; one that could not read everything may have missed the change.
        if state == State::Paused || store::synced_since(database, data_source, started_at).await? {
            store::settle_all(database, outstanding).await?;
        }
        Ok(Outcome::Synced(state))
    }
}

/// The credential for live member lookups: the integration app's, because its visible scope decides who may sign in; else the contacts-sync
/// secret.
pub(super) fn lookup_credential(credentials: &Credentials) -> Option<&Credential> {
    credentials.app.as_ref().or(credentials.contacts.as_ref())
}
