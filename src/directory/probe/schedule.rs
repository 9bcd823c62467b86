//! Which credential is probed when: each once a day, sooner while something is wrong, and at once after a sync or a sign-in was denied for it.
//! One that WeCom refuses is asked about as `wecom::Refusal` says.

use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::{holder::Holder, model::Kept, service::Probes, store};
use crate::{
    crypto::seal::Sealer,
    directory::store::setup,
    kernel::{clock::Timestamp, failure::Result},
    wecom::{Refusal, WeCom, model::Credential},
};

/// Credentials probed at once.
const PARALLEL: usize = 3;

/// Probes what is due. Cheap to clone.
#[derive(Clone)]
pub struct ProbeSchedule {
    /// Probes.
    pub probes: Probes,
    /// Opens secrets.
    pub sealer: Sealer,
    /// Knows which credentials are refused or were denied.
    pub wecom: WeCom,
}

impl ProbeSchedule {
    /// Probes the credentials that are due.
    ///
    /// # Errors
    /// When the database does not answer; what is left is due again.
    pub async fn tick(&self) -> Result<()> {
        let database = &self.probes.database;
        let credentials = setup::credentials(database, &self.sealer, self.probes.clock.now()).await?;
        let kept = store::all(database).await?;
        let opens = |kept: &Holder| credentials.iter().any(|(holder, _)| holder == kept);
        if kept.keys().any(|holder| !opens(holder)) {
            store::remove_orphans(database).await?;
        }
        let kept = &kept;
        stream::iter(credentials)
            .map(|(holder, credential)| self.look(holder, credential, kept.get(&holder)))
            .buffer_unordered(PARALLEL)
            .try_collect()
            .await
    }

    async fn look(&self, holder: Holder, credential: Credential, kept: Option<&Kept>) -> Result<()> {
        let now = self.probes.clock.now();
        match self.is_due(&credential, kept, now).await {
            true => self.probes.probe(holder, credential, kept).await,
            false => Ok(()),
        }
    }

    async fn is_due(&self, credential: &Credential, kept: Option<&Kept>, now: Timestamp) -> bool {
        let refusal = self.wecom.refusal(credential).await;
        if let Some(refusal) = refusal.filter(Refusal::is_wrong_credential) {
            return refusal.next_try_at <= now;
        }
        match kept {
            None => true,
            // Accepted by now, or a refusal that nobody remembers: no denial hurries it.
            Some(kept) if kept.says_refused() => kept.next_at <= now.millis(),
            Some(kept) => {
                kept.next_at <= now.millis() || kept.is_settled() && self.wecom.take_suspicion(credential).await
            }
        }
    }
}
