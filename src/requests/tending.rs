//! What ends requests by itself: their time, imports by another way, and that nobody can decide them any more.

use serde_json::json;
use uuid::Uuid;

use super::{
    model::{ClosedBecause, Decision, LIFETIME, Via},
    service::{Requests, record},
    state::State,
    store::{self, Outcome},
};
use crate::{
    audit::Kind,
    directory::wecom_events::card_events,
    kernel::{batch::Batch, failure::Result},
    store::AnyRow,
};

/// Who ends them, in the audit log.
const ACTOR: &str = "system";

/// Why a request ends by itself.
#[derive(Clone, Copy)]
enum Cause {
    /// Its member is this user by now.
    Imported(Uuid),
    /// Its time is over.
    Late,
    /// Nobody can decide it any more.
    Closed(ClosedBecause),
}

impl Cause {
    const fn word(self) -> &'static str {
        match self {
            Self::Imported(_) => "imported",
            Self::Late => "late",
            Self::Closed(because) => because.word(),
        }
    }

    const fn because(self) -> Option<ClosedBecause> {
        match self {
            Self::Closed(because) => Some(because),
            Self::Imported(_) | Self::Late => None,
        }
    }
}

impl Requests {
    /// What there is where [`Requests::tick`] has something to do.
    pub fn due(&self) -> Vec<AnyRow> {
        let now = self.now();
        let mut due = vec![card_events::any_pending()];
        due.extend(store::any_other(now.minus(LIFETIME)));
        due.extend(store::any_over(now));
        due
    }

    /// Acts on what was pressed, and ends what is over, whatever became of the presses.
    ///
    /// # Errors
    /// As [`Requests::tend`].
    pub async fn tick(&self) -> Result<()> {
        let pressed = self.act_on_presses().await;
        self.tend().await?;
        pressed.map(drop)
    }

    /// Ends the requests whose time is over, those of members who were imported meanwhile, and those that nobody can decide any more, and tells of those that a move of their company closed; returns how many. Needs no lease: one statement says
    /// who ended each. What goes wrong with one holds up no other.
    ///
    /// # Errors
    /// When the database does not answer; whatever is left is due again.
    pub async fn tend(&self) -> Result<usize> {
        store::recognise(&self.deps.database, self.now().minus(LIFETIME)).await?;
        let mut batch = Batch::default();
        for id in store::untold(&self.deps.database).await? {
            batch.note(id, self.tell_of_closed(id).await);
        }
        self.end_each(&mut batch, self.given_on(None).await?).await;
        let overtaken = store::overtaken(&self.deps.database).await?.into_iter();
        let overtaken = overtaken.map(|(id, user)| (id, Cause::Imported(user)));
        self.end_each(&mut batch, overtaken.collect()).await;
        let not_taken = store::not_taken(&self.deps.database).await?.into_iter();
        let not_taken = not_taken.map(|(id, because)| (id, Cause::Closed(because)));
        self.end_each(&mut batch, not_taken.collect()).await;
        let late = store::past_their_time(&self.deps.database, self.now()).await?;
        let late = late.into_iter().map(|id| (id, Cause::Late));
        self.end_each(&mut batch, late.collect()).await;
        batch.end()
    }

    /// Closes the open request of whoever had this userid of the data source before; returns how many.
    pub(super) async fn close_given_on(&self, of: (Uuid, &str)) -> Result<usize> {
        // Whoever only has another userid by now takes their request along.
        store::recognise(&self.deps.database, self.now().minus(LIFETIME)).await?;
        let mut batch = Batch::default();
        self.end_each(&mut batch, self.given_on(Some(of)).await?).await;
        batch.end()
    }

    async fn given_on(&self, of: Option<(Uuid, &str)>) -> Result<Vec<(Uuid, Cause)>> {
        let found = store::given_on(&self.deps.database, of).await?.into_iter();
        Ok(found.map(|id| (id, Cause::Closed(ClosedBecause::PersonLeft))).collect())
    }

    async fn end_each(&self, batch: &mut Batch, due: Vec<(Uuid, Cause)>) {
        for (id, cause) in due {
            batch.note(id, self.end_by_itself(id, cause).await);
        }
    }

    /// Closes a request whose member is a user by now.
    pub(super) async fn overtake_if_imported(&self, id: Uuid) -> Result<()> {
        let found = store::overtaken(&self.deps.database).await?;
        if let Some((id, user)) = found.into_iter().find(|(found, _)| *found == id) {
            self.end_by_itself(id, Cause::Imported(user)).await?;
        }
        Ok(())
    }

    /// Tells of a request that was closed in a transaction which tells nobody.
    async fn tell_of_closed(&self, id: Uuid) -> Result<bool> {
        let Some(request) = store::find(&self.deps.database, id).await? else {
            return Ok(false);
        };
        let change = self.begin(ACTOR).await?;
        if !store::is_told(change.transaction(), id).await? {
            return Ok(false);
        }
        let decision = request.decision.clone().unwrap_or_else(|| Decision::by(Via::Itself));
        self.tell_outcome(&change, &request, (request.state, &decision, None))
            .await?;
        change.commit_recorded().await?;
        Ok(true)
    }

    async fn end_by_itself(&self, id: Uuid, cause: Cause) -> Result<bool> {
        let (state, user) = match cause {
            Cause::Imported(user) => (State::Overtaken, Some(user)),
            Cause::Late => (State::Expired, None),
            Cause::Closed(_) => (State::Closed, None),
        };
        let Some(request) = store::find(&self.deps.database, id).await? else {
            return Ok(false);
        };
        let change = self.begin(ACTOR).await?;
        let decision = Decision {
            because: cause.because(),
            ..Decision::by(Via::Itself)
        };
        let outcome = Outcome {
            state,
            by: ACTOR,
            decision: &decision,
            refusal: None,
            reason_shown: false,
            user,
        };
        if !store::end(change.transaction(), id, &outcome, change.now()).await? {
            return Ok(false);
        }
        match cause {
            // Whoever has the userid now is not told about somebody else's request.
            Cause::Closed(ClosedBecause::PersonLeft) => self.settle(&change, &request, (state, &decision)).await?,
            Cause::Imported(_) | Cause::Late | Cause::Closed(_) => {
                self.tell_outcome(&change, &request, (state, &decision, None)).await?;
            }
        }
        let kind = match state {
            State::Overtaken => Kind::AccessRequestOvertaken,
            State::Closed => Kind::AccessRequestClosed,
            _ => Kind::AccessRequestExpired,
        };
        let record = record(
            &change,
            &request,
            (kind, json!({ "user_id": user, "cause": cause.word() })),
        );
        change.commit_as(record).await?;
        Ok(true)
    }
}
