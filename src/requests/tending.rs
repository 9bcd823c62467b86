//! What ends requests by itself: their time, and imports by another way.

use serde_json::json;
use uuid::Uuid;

use super::{
    model::{Decision, LIFETIME, Via},
    service::{Requests, record},
    state::State,
    store::{self, Outcome},
};
use crate::{audit::Kind, kernel::failure::Result};

/// Who ends them, in the audit log.
const ACTOR: &str = "system";

/// Why a request ends by itself.
#[derive(Clone, Copy)]
enum Cause {
    /// Its member is this user by now.
    Imported(Uuid),
    /// Its time is over.
    Late,
    /// Its member has left, or their userid is somebody else's by now.
    Gone,
}

impl Cause {
    const fn word(self) -> &'static str {
        match self {
            Self::Imported(_) => "imported",
            Self::Late => "late",
            Self::Gone => "gone",
        }
    }
}

impl Requests {
    /// Acts on what was pressed, and ends what is over.
    ///
    /// # Errors
    /// As [`Requests::tend`].
    pub async fn tick(&self) -> Result<()> {
        self.act_on_presses().await?;
        self.tend().await.map(drop)
    }

    /// Ends the requests whose time is over, and those of members who were imported meanwhile; returns how many. Needs no lease: one statement says
    /// who ended each.
    ///
    /// # Errors
    /// When the database does not answer; whatever is left is due again.
    pub async fn tend(&self) -> Result<usize> {
        store::recognise(&self.deps.database, self.now().minus(LIFETIME)).await?;
        let mut ended = self.close_given_on().await?;
        for (id, user) in store::overtaken(&self.deps.database).await? {
            ended += usize::from(self.end_by_itself(id, Cause::Imported(user)).await?);
        }
        for id in store::past_their_time(&self.deps.database, self.now()).await? {
            ended += usize::from(self.end_by_itself(id, Cause::Late).await?);
        }
        Ok(ended)
    }

    /// Closes the open requests of people who left or whose userid is somebody else's by now; returns how many.
    pub(super) async fn close_given_on(&self) -> Result<usize> {
        let mut ended = 0_usize;
        for id in store::given_on(&self.deps.database).await? {
            ended += usize::from(self.end_by_itself(id, Cause::Gone).await?);
        }
        Ok(ended)
    }

    /// Closes a request whose member is a user by now.
    pub(super) async fn overtake_if_imported(&self, id: Uuid) -> Result<()> {
        let found = store::overtaken(&self.deps.database).await?;
        if let Some((id, user)) = found.into_iter().find(|(found, _)| *found == id) {
            self.end_by_itself(id, Cause::Imported(user)).await?;
        }
        Ok(())
    }

    async fn end_by_itself(&self, id: Uuid, cause: Cause) -> Result<bool> {
        let (state, user) = match cause {
            Cause::Imported(user) => (State::Overtaken, Some(user)),
            Cause::Late | Cause::Gone => (State::Expired, None),
        };
        let Some(request) = store::find(&self.deps.database, id).await? else {
            return Ok(false);
        };
        let change = self.begin(ACTOR).await?;
        let decision = Decision::by(Via::Itself);
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
            Cause::Gone => self.settle(&change, &request, (state, &decision)).await?,
            Cause::Imported(_) | Cause::Late => self.tell_outcome(&change, &request, (state, &decision, None)).await?,
        }
        let kind = match state {
            State::Overtaken => Kind::AccessRequestOvertaken,
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
