//! Whatever is due: what waited too long to be bound, what failed and is tried again, and whether apps are still installed, since pushes may be lost.

use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::{
    model::{Installation, UNFINISHED},
    pushes::PARALLEL,
    service::Installations,
    store::{invitations, pushes, turns},
};
use crate::{kernel::failure::Result, store::AnyRow};

impl Installations {
    /// What there is where [`Installations::tick`] has something to do.
    pub fn due(&self) -> Vec<AnyRow> {
        let [due, waited] = turns::any_due(self.now());
        let unfinished = invitations::any_unfinished(self.now().minus(UNFINISHED));
        vec![pushes::any_due(self.now()), due, waited, unfinished]
    }

    /// What there is where [`Installations::end_deleted`] has something to do.
    pub fn deletions_due(&self) -> Vec<AnyRow> {
        vec![pushes::any_deletion(self.now())]
    }

    /// Looks at everything that is due, deletions first; none of the rest waits for the rest.
    ///
    /// # Errors
    /// When the database does not answer; what is left is due again.
    pub async fn tick(&self) -> Result<()> {
        Box::pin(self.end_deleted()).await?;
        let (pushes, rest) = futures_util::future::join(Box::pin(self.act_on_pushes()), Box::pin(self.tend())).await;
        pushes?;
        rest
    }

    async fn tend(&self) -> Result<()> {
        self.take_up_returns().await?;
        for id in turns::past(&self.deps.database, self.now()).await? {
            turns::expire(self.begin("system").await?, id).await?;
        }
        let due = turns::due(&self.deps.database, self.now()).await?;
        let looks: Vec<_> = due.iter().map(|one| Box::pin(self.look_at(one))).collect();
        stream::iter(looks).buffer_unordered(PARALLEL).try_collect().await
    }

    async fn look_at(&self, one: &Installation) -> Result<()> {
        match turns::claim(&self.deps.database, one, self.now()).await? {
            true => self.settle(one.id).await,
            false => Ok(()),
        }
    }
}
