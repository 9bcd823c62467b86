//! Whatever is due: what waited too long to be bound, what failed and is tried again, and whether apps are still installed, since pushes may be lost.

use super::{
    model::UNFINISHED,
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

    /// Looks at everything that is due; none of it waits for the rest.
    ///
    /// # Errors
    /// When the database does not answer; what is left is due again.
    pub async fn tick(&self) -> Result<()> {
        let (pushes, rest) = futures_util::future::join(Box::pin(self.act_on_pushes()), Box::pin(self.tend())).await;
        pushes?;
        rest
    }

    async fn tend(&self) -> Result<()> {
        self.take_up_returns().await?;
        for id in turns::past(&self.deps.database, self.now()).await? {
            turns::expire(self.begin("system").await?, id).await?;
        }
        for one in turns::due(&self.deps.database, self.now()).await? {
            if turns::claim(&self.deps.database, &one, self.now()).await? {
                self.settle(one.id).await?;
            }
        }
        Ok(())
    }
}
