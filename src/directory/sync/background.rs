//! Starts runs in the background: whoever starts a run does not wait for it; its row tells how it went.

use uuid::Uuid;

use super::{run::Run, service::Sync};

impl Sync {
    /// Spawns a run on the home runtime and returns the id of its row at once.
    pub fn launch(&self, run: Run) -> Uuid {
        let (sync, id) = (self.clone(), run.id());
        self.home.spawn(async move {
            if let Err(failure) = sync.execute(run).await {
                tracing::error!(%failure, run = %id, "a sync run failed");
            }
        });
        id
    }
}
