//! The code of an installation becomes a permanent one, which is kept before anything else is done: each code once, by whichever way it came here
//! first, and never asked for again once WeCom gave it.

use std::time::Duration;

use uuid::Uuid;

use super::{
    model::Way,
    service::Installations,
    store::{
        self, invitations,
        keeping::{self, Keeping, Kept},
    },
};
use crate::{
    crypto::digest::sha256_base64url,
    kernel::{failure::Result, secret::Secret},
    store::lease::Lease,
    wecom::{model::SuiteCredential, suite::NewInstallation},
};

/// For so long a code belongs to whoever exchanges it.
const EXCHANGE: Duration = Duration::from_secs(60);
/// How often what WeCom gave is written where the database does not take it at once. It gives it only once.
const TRIES: u32 = 5;
/// The wait between two of them.
const BETWEEN: Duration = Duration::from_millis(200);

/// A code that came here.
pub(super) struct Came<'a> {
    /// Row id of the suite.
    pub suite: Uuid,
    /// The code.
    pub code: &'a Secret<String>,
    /// When WeCom told it, milliseconds.
    pub told_at: i64,
    /// The `state` that came with it.
    pub state: Option<&'a str>,
    /// The permanent code was reset, nothing else.
    pub reset: bool,
}

/// What became of a code.
pub(super) enum Exchanged {
    /// Its installation, by row id.
    Kept(Uuid),
    /// Its installation, about which something newer is known: WeCom is to decide.
    Late(Uuid),
    /// Somebody exchanges it right now.
    Busy,
}

impl Installations {
    /// Exchanges a code, unless that was done, and keeps what it was exchanged for.
    ///
    /// # Errors
    /// What WeCom refuses: `WC-161` for a code that is used or too old. When the database does not take it.
    pub(super) async fn exchange(&self, suite: &SuiteCredential, came: &Came<'_>) -> Result<Exchanged> {
        let deps = &self.deps;
        let digest = sha256_base64url(came.code.expose().as_bytes());
        if let Some(known) = store::of_code(&deps.database, came.suite, &digest).await? {
            return Ok(Exchanged::Kept(known.id));
        }
        let job = format!("installation-code:{digest}");
        let Some(lease) = Lease::acquire(&deps.ephemeral, &deps.entropy, &job, EXCHANGE).await? else {
            return Ok(Exchanged::Busy);
        };
        // Whoever held it before may just have kept it.
        let known = store::of_code(&deps.database, came.suite, &digest).await?;
        let exchanged = match known {
            Some(known) => Ok(Exchanged::Kept(known.id)),
            None => self.exchange_now(suite, came, digest).await,
        };
        if let Err(failure) = lease.release().await {
            tracing::warn!(%failure, "the lease on an installation's code runs out by itself");
        }
        exchanged
    }

    async fn exchange_now(&self, suite: &SuiteCredential, came: &Came<'_>, digest: String) -> Result<Exchanged> {
        let new = self.deps.wecom.permanent_code(suite, came.code).await?;
        let kept = self.kept(came, digest, new).await?;
        let mut tries = 0;
        loop {
            match self.keep(&kept).await {
                Ok(Keeping::Taken(id)) => return Ok(Exchanged::Kept(id)),
                Ok(Keeping::Late(id)) => return Ok(Exchanged::Late(id)),
                Err(failure) if tries < TRIES => {
                    tries += 1;
                    tracing::error!(%failure, suite = %came.suite, "a permanent code could not be kept; it is tried again");
                    tokio::time::sleep(BETWEEN).await;
                }
                Err(failure) => return Err(failure),
            }
        }
    }

    async fn keep(&self, kept: &Kept) -> Result<Keeping> {
        keeping::keep(self.begin("system").await?, kept).await
    }

    /// What is to be kept. An admin who came back from WeCom's install page with this very code is proven; a `state` alone is a hint.
    async fn kept(&self, came: &Came<'_>, digest: String, new: NewInstallation) -> Result<Kept> {
        let database = &self.deps.database;
        let proven = invitations::of_code(database.reader(), came.suite, &digest).await?;
        let state = came.state.or(new.state.as_deref());
        let hinted = match state {
            Some(state) if proven.is_none() => {
                let found = invitations::of_state(database, &sha256_base64url(state.as_bytes())).await?;
                found.filter(|found| found.suite == came.suite && found.used_at.is_none())
            }
            _ => None,
        };
        let code = self.sealed(&new.permanent_code)?;
        Ok(Kept {
            suite: came.suite,
            corp_id: new.corp_id,
            corp_name: new.corp_name,
            code,
            digest,
            installer: new.installer,
            told_at: came.told_at,
            reset: came.reset,
            way: if proven.is_some() { Way::Browser } else { Way::Phone },
            invitation: proven.or(hinted).map(|found| found.id),
        })
    }
}
