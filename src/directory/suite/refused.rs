//! Callbacks of suites that were refused: one row for each callback and reason. What strangers send costs no write each: of one reason one is
//! written a minute.

use std::time::Duration;

use uuid::Uuid;

use super::{
    model::Callback,
    problems::reason,
    service::Suites,
    store::{reading, refusals},
};
use crate::kernel::failure::{Failure, Result};

/// How often one reason is written at most.
const WRITTEN: Duration = Duration::from_secs(60);

impl Suites {
    /// Records that a request was refused, if it came to a suite and it is the request's fault. Answers the failure it was given.
    pub(super) async fn refused(&self, (suite, callback): (Uuid, Callback), failure: Failure) -> Failure {
        if reason(failure.entry.number).is_some()
            && let Err(unrecorded) = self.record_refusal((suite, callback), failure.entry.number).await
        {
            tracing::warn!(%suite, failure = %unrecorded, "a refused callback could not be recorded");
        }
        failure
    }

    async fn record_refusal(&self, (suite, callback): (Uuid, Callback), number: &'static str) -> Result<()> {
        let database = &self.deps.database;
        // Else made-up addresses would fill the store.
        if reading::find(database, suite).await?.is_none() {
            return Ok(());
        }
        let written = format!("suite:{suite}:{}:refused:{number}", callback.word());
        if self.deps.ephemeral.put_new(&written, b"1", WRITTEN).await? {
            refusals::record(database, (suite, callback), number, self.deps.clock.now()).await?;
        }
        Ok(())
    }
}
