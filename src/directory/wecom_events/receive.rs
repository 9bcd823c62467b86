//! Receives an event delivery: verifies it, drops repetitions (deduplication by digest) and records what it asks for. Acting comes after
//! the reply ([`super::event_handler`]).

use super::{failure::CallbackFailure, service::Callbacks, store};
pub(in crate::directory) use crate::directory::wecom_events::freshness::fresh;
use crate::{
    kernel::failure::Result,
    wecom::callback::{Event, Query},
};
use std::time::Duration;
use uuid::Uuid;

/// How long the digest of a delivery, or the signature of a verification, is kept, against repetitions. More than twice the accepted clock difference (`freshness::ACCEPTED`):
/// while a timestamp is acceptable, its delivery is not forgotten.
pub(super) const REMEMBERED: Duration = Duration::from_secs(2 * 60 * 60);

/// An event to act on after the reply. It is recorded already: dropped undone, it is retried by [`Callbacks::tick`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct PendingEvent {
    pub(super) endpoint: Uuid,
    pub(super) data_source: Uuid,
    pub(super) recorded: store::RecordedEvent,
    pub(super) what: Action,
}

/// What an event asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Somebody is said to have left.
    Member(String),
    /// Somebody is said to be new.
    Created(String),
    /// Somebody is said to have left the app's visible scope.
    Scope(String),
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
            Event::Unsubscribe { userid, .. } => Some(Self::Scope(userid)),
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
            Event::EnterAgent { .. } | Event::BatchJob { .. } | Event::Other { .. } => None,
        }
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
        let (crypto, data_source) = self.crypto(endpoint).await?;
        let notice = crypto.receive(query, body)?;
        let now = self.deps.clock.now();
        fresh(query, now)?;
        let database = &self.deps.database;
        let Some(what) = Action::of(notice.event) else {
            store::seen(database, endpoint, now).await?;
            return Ok(None);
        };
        let place = format!("callback:{endpoint}:{}", notice.digest);
        if self.deps.ephemeral.get(&place).await?.is_some() {
            return Ok(None);
        }
        // Recorded first, marked as seen second: to die in between costs a second action, the other way round would lose the event.
        let recorded = store::note(database, endpoint, now, now.plus(Self::GRACE)).await?;
        let recorded = recorded.ok_or_else(|| CallbackFailure::UnknownEndpoint.failure())?;
        // Of two concurrent deliveries of one event, one acts.
        if !self.deps.ephemeral.put_new(&place, b"1", REMEMBERED).await? {
            return Ok(None);
        }
        Ok(Some(PendingEvent {
            endpoint,
            data_source,
            recorded,
            what,
        }))
    }
}
