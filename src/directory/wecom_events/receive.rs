//! Receives an event delivery: verifies it, drops repetitions (deduplication by digest) and records what it asks for. Acting comes after
//! the reply ([`super::event_handler`]).

use super::{
    card_events::receipt::{self, Arrived},
    endpoint_owner::Owner,
    failure::CallbackFailure,
    pending_look::{CLAIM, PendingLook, Told},
    service::Callbacks,
    store,
};
pub(in crate::directory) use crate::directory::wecom_events::freshness::fresh;
use crate::{
    directory::wecom_app::notice::Effect,
    kernel::{clock::Timestamp, failure::Result},
    wecom::callback::{Activity, Event, Notice, Query},
};
use std::time::Duration;
use uuid::Uuid;

/// How long the digest of a delivery, or the signature of a verification, is kept, against repetitions. More than twice the accepted clock difference (`freshness::ACCEPTED`):
/// while a timestamp is acceptable, its delivery is not forgotten.
pub(in crate::directory) const REMEMBERED: Duration = Duration::from_secs(2 * 60 * 60);

/// An event to act on after the reply. It is recorded already: dropped undone, it is retried by [`Callbacks::tick`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct PendingEvent {
    pub(super) endpoint: Uuid,
    pub(super) data_source: Uuid,
    /// The member to look at, claimed; `None`: a sync is to be run.
    pub(super) look: Option<PendingLook>,
}

/// What an event asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Somebody is said to have left.
    Member(String),
    /// Somebody is said to be new.
    Created(String),
    /// Somebody is said to have left the visible scope of the app with this AgentId.
    Scope(String, Option<i64>),
    /// Somebody is said to have another userid now.
    Renamed {
        /// Before.
        old: String,
        /// Now.
        new: String,
    },
    /// Something else changed.
    Directory,
}

impl Action {
    /// The action of an event; `None`: it does not concern the directory.
    fn of(event: Event) -> Option<Self> {
        match event {
            Event::DeleteUser { userid } => Some(Self::Member(userid)),
            Event::Unsubscribe { userid, agent_id } => Some(Self::Scope(userid, agent_id)),
            Event::UpdateUser {
                userid,
                new_userid: Some(new),
                ..
            } => Some(Self::Renamed { old: userid, new }),
            Event::CreateUser { userid, .. } => Some(Self::Created(userid)),
            Event::Subscribe { .. }
            | Event::UpdateUser { .. }
            | Event::CreateParty { .. }
            | Event::UpdateParty { .. }
            | Event::DeleteParty { .. }
            | Event::UpdateTag { .. } => Some(Self::Directory),
            Event::EnterAgent { .. }
            | Event::BatchJob { .. }
            | Event::CardPressed { .. }
            | Event::AppActivity { .. }
            | Event::ExternalContact(_)
            | Event::Other { .. } => None,
        }
    }

    /// The member that it asks to look at, if it is about one, and happened then by WeCom's clock.
    fn look(self, data_source: Uuid, (happened_at, now): (Timestamp, Timestamp)) -> Option<PendingLook> {
        let (userid, told) = match self {
            Self::Member(userid) => (userid, Told::Left),
            Self::Scope(userid, agent_id) => (userid, Told::LeftScope(agent_id)),
            Self::Created(userid) => (userid, Told::Created),
            Self::Renamed { old, new } => (old, Told::RenamedTo(new)),
            Self::Directory => return None,
        };
        Some(PendingLook {
            data_source,
            userid,
            told,
            told_at: now,
            happened_at,
            next_at: now,
            attempts: 0,
        })
    }
}

impl Callbacks {
    /// Receives a delivery. When this returns, what it asks for is recorded and may be acknowledged; `None`: there is nothing to do,
    /// because it was delivered before or asks for nothing.
    ///
    /// # Errors
    /// `CB-101` unknown endpoint, `WC-180` to `WC-185` when it is not what WeCom sends, `CB-102` when it is too old, and when a store does
    /// not answer: WeCom delivers again then.
    pub async fn receive(&self, endpoint: Uuid, query: Query<'_>, body: &[u8]) -> Result<Option<PendingEvent>> {
        let (crypto, data_source, owner) = self.crypto(endpoint).await?;
        let notice = crypto.receive(query, body)?;
        let now = self.deps.clock.now();
        fresh(query, now)?;
        // Of customers alone is told there; whoever holds that key says nothing about members.
        if owner == Some(Owner::ExternalContacts) && !matches!(notice.event, Event::ExternalContact(_)) {
            store::seen(&self.deps.database, endpoint, now).await?;
            return Ok(None);
        }
        self.take((endpoint, data_source), notice, now).await
    }

    /// Receives what a callback of a suite has brought and verified, of a company that installed it. What it asks for is recorded when this
    /// returns; `None`: there is nothing to do, or no data source of that company.
    ///
    /// # Errors
    /// When a store does not answer.
    pub(in crate::directory) async fn receive_of_suite(
        &self,
        (suite, corp_id): (Uuid, &str),
        notice: Notice,
    ) -> Result<Option<PendingEvent>> {
        let deps = &self.deps;
        let now = deps.clock.now();
        let new_id = deps.entropy.id(now);
        match store::of_suites::endpoint(&deps.database, (suite, corp_id), new_id, now).await? {
            Some(place) => self.take(place, notice, now).await,
            None => Ok(None),
        }
    }

    /// Records an authentic event.
    async fn take(
        &self,
        (endpoint, data_source): (Uuid, Uuid),
        notice: Notice,
        now: Timestamp,
    ) -> Result<Option<PendingEvent>> {
        let database = &self.deps.database;
        if let Event::ExternalContact(event) = notice.event {
            let told = (notice.created, notice.digest);
            self.note_external_contact(data_source, event, told, now).await?;
            store::seen(database, endpoint, now).await?;
            return Ok(None);
        }
        let place = format!("callback:{endpoint}:{}", notice.digest);
        let happened_at = notice.created.unwrap_or(now).min(now);
        let told = (notice.event, happened_at);
        let Some(what) = self.action((endpoint, &place), told, now).await? else {
            store::seen(database, endpoint, now).await?;
            return Ok(None);
        };
        if self.deps.ephemeral.get(&place).await?.is_some() {
            return Ok(None);
        }
        // Recorded first, marked as seen second: to die in between costs a second action, the other way round would lose the event.
        let lane = self.lanes.of(data_source);
        let look = {
            // No longer than for the database: whoever waits for the other store keeps nobody waiting.
            let _turn = lane.recording.acquire().await;
            let look = what.look(data_source, (happened_at, now));
            self.record((endpoint, data_source), look, now).await?
        };
        // Of two concurrent deliveries of one event, one acts.
        if !self.deps.ephemeral.put_new(&place, b"1", REMEMBERED).await? {
            return Ok(None);
        }
        Ok(Some(PendingEvent {
            endpoint,
            data_source,
            look,
        }))
    }

    /// What an event asks to be done after the reply. What others act on is recorded here.
    async fn action(
        &self,
        (endpoint, place): (Uuid, &str),
        (event, told_at): (Event, Timestamp),
        now: Timestamp,
    ) -> Result<Option<Action>> {
        match event {
            Event::AppActivity {
                activity,
                agent_id,
                effective_at,
            } => {
                self.note_activity(endpoint, (activity, agent_id), (told_at, effective_at))
                    .await?;
                Ok(None)
            }
            Event::CardPressed {
                userid,
                agent_id,
                task_id,
                key,
                response_code,
            } => {
                let arrived = Arrived {
                    userid,
                    agent_id,
                    task_id,
                    key,
                    response_code,
                };
                self.note_press((endpoint, place), arrived, now).await?;
                Ok(None)
            }
            event => Ok(Action::of(event)),
        }
    }

    /// Records a pressed button, unless this event was told before, and wakes whoever acts on it. `place`: where is kept that it was told.
    async fn note_press(&self, (endpoint, place): (Uuid, &str), arrived: Arrived, now: Timestamp) -> Result<()> {
        let deps = &self.deps;
        if deps.ephemeral.get(place).await?.is_some() {
            return Ok(());
        }
        let means = (&deps.sealer, &deps.entropy);
        if receipt::record(&deps.database, means, (endpoint, arrived), now).await? {
            self.pressed.notify_one();
        } else {
            tracing::warn!(%endpoint, "a press of a button is not recorded: this callback is not that of the app whose card it names");
        }
        // Recorded first, as other events are.
        deps.ephemeral.put_new(place, b"1", REMEMBERED).await.map(drop)
    }

    /// Records what is to be done: a look at a member, or else a sync, also where too many members are waiting to be looked at.
    async fn record(
        &self,
        (endpoint, data_source): (Uuid, Uuid),
        look: Option<PendingLook>,
        now: Timestamp,
    ) -> Result<Option<PendingLook>> {
        let database = &self.deps.database;
        let leaves = look.as_ref().is_some_and(|look| look.told == Told::Left);
        if let Some(look) = look
            && let Some(look) = store::pending_looks::add(database, look).await?
        {
            store::seen(database, endpoint, now).await?;
            return Ok(Some(look));
        }
        if leaves {
            self.lanes.of(data_source).hurry();
        }
        if store::note(database, endpoint, now, now.plus(CLAIM)).await? {
            return Ok(None);
        }
        Err(CallbackFailure::UnknownEndpoint.into())
    }

    /// Records what WeCom says about the use of an app.
    async fn note_activity(
        &self,
        endpoint: Uuid,
        (activity, agent_id): (Activity, Option<i64>),
        (told_at, effective_at): (Timestamp, Option<Timestamp>),
    ) -> Result<()> {
        tracing::warn!(
            %endpoint,
            agent_id,
            activity = activity.word(),
            "WeCom tells of the use of an app"
        );
        let database = &self.deps.database;
        let Some(app) = store::app_notices::find_app(database, endpoint, agent_id).await? else {
            return Ok(());
        };
        store::app_notices::record(database, app, Effect::of(activity), (told_at, effective_at)).await
    }
}
