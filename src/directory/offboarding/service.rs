//! Use cases that end the access of many: of whose date has come, and of a whole corp.

use uuid::Uuid;

use super::{
    model::EndReason,
    store::due::{self, WholeSource},
};
use crate::{
    audit::difference::Difference,
    directory::{failure::DirectoryFailure, store::audited_transaction::Change},
    kernel::{clock::Clock, entropy::Entropy, failure::Result},
    store::{AnyRow, Database},
};

/// Ends the access of many, in batches. Cheap to clone.
#[derive(Clone)]
pub struct Offboarding {
    database: Database,
    clock: Clock,
    entropy: Entropy,
}

impl Offboarding {
    /// The use cases over this database.
    pub const fn new(database: Database, clock: Clock, entropy: Entropy) -> Self {
        Self {
            database,
            clock,
            entropy,
        }
    }

    /// What there is where [`Offboarding::end_due`] has something to do.
    pub fn dates_come(&self) -> Vec<AnyRow> {
        vec![due::any_past_their_date(self.clock.now())]
    }

    /// What there is where [`Offboarding::go_on`] may have something to do.
    pub fn cancelled(&self) -> Vec<AnyRow> {
        vec![due::any_switched_off(EndReason::InstallationCancelled)]
    }

    /// Ends the access of everybody whose date has come; returns how many they were. From their date on they are refused everywhere by the
    /// date itself; this makes it true of sessions, grants and portals. Needs no lease: the rows are locked.
    ///
    /// # Errors
    /// When the database does not answer; whoever is left is due again.
    pub async fn end_due(&self) -> Result<usize> {
        let mut ended = 0_usize;
        loop {
            let batch = due::end_past_their_date(&self.database, &self.entropy, self.clock.now()).await?;
            if batch == 0 {
                return Ok(ended);
            }
            ended = ended.saturating_add(batch);
        }
    }

    /// The corp of a data source cancelled the installation of the WeCom app (`cancel_auth`): the data source is switched off with that
    /// reason, and the access of all its people ends, with a report each. Console admins are signed out and stay enabled. What a killed process left
    /// over, [`Offboarding::go_on`] ends. Once an admin switches the data source on again, WeCom's word lets its people in again.
    ///
    /// # Errors
    /// `DI-102` when there is no such data source; when the database does not answer.
    pub async fn cancel_installation(&self, source: Uuid) -> Result<usize> {
        let reason = EndReason::InstallationCancelled;
        let change = Change::begin(&self.database, &self.entropy, self.clock.now(), "system").await?;
        switch_off(change, source, Some(reason), reason.word()).await?;
        self.end_cancelled(source).await
    }

    /// Ends the access of all people of a data source that was switched off for that reason.
    ///
    /// # Errors
    /// When the database does not answer; what is left [`Offboarding::go_on`] ends.
    pub async fn end_cancelled(&self, source: Uuid) -> Result<usize> {
        self.end_source(WholeSource::cancelled(source)).await
    }

    /// Ends what cancelled installations left over.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn go_on(&self) -> Result<usize> {
        let mut ended = 0_usize;
        for source in due::switched_off(&self.database, EndReason::InstallationCancelled).await? {
            if due::is_outstanding(&self.database, WholeSource::cancelled(source)).await? {
                ended = ended.saturating_add(self.end_source(WholeSource::cancelled(source)).await?);
            }
        }
        Ok(ended)
    }

    /// Ends the access of everybody of a data source that an admin is about to remove, in whose change it is switched off first, so that
    /// nobody new comes from it meanwhile. Those with a console role go in that very change, in which it was judged who of them may.
    ///
    /// # Errors
    /// As [`Offboarding::cancel_installation`].
    pub(in crate::directory) async fn before_removal(&self, change: Change, source: Uuid) -> Result<()> {
        let at = (&self.entropy, change.now());
        due::end_operators_of_source(change.transaction(), WholeSource::removed(source), at).await?;
        switch_off(change, source, None, "switched_off").await?;
        self.end_source(WholeSource::removed(source)).await.map(drop)
    }

    async fn end_source(&self, source: WholeSource) -> Result<usize> {
        let mut ended = 0_usize;
        loop {
            let at = (&self.entropy, self.clock.now());
            let batch = due::end_of_source(&self.database, source, at).await?;
            if batch == 0 {
                return Ok(ended);
            }
            ended = ended.saturating_add(batch);
        }
    }
}

async fn switch_off(change: Change, source: Uuid, reason: Option<EndReason>, action: &str) -> Result<()> {
    let before = due::switch_off(change.transaction(), source, reason, change.now()).await?;
    let (enabled, why) = before.ok_or_else(|| DirectoryFailure::NotFound.failure())?;
    let on = serde_json::json!({ "enabled": enabled, "disabled_reason": why });
    let off = serde_json::json!({ "enabled": false, "disabled_reason": reason.map(EndReason::word) });
    let subject = format!("data_source:{source}");
    let difference = Difference::between(&on, &off);
    change
        .commit_difference(subject, (action, &["enabled"]), difference)
        .await
}
