//! What the use cases of showing names share: their dependencies, and what may be shown to whom.

use std::collections::HashMap;

use uuid::Uuid;

use super::{
    failure::NameProofFailure,
    model::{Company, Department, Member, Viewer},
    store,
};
use crate::{
    crypto::seal::Sealer,
    directory::data_source::store::credential,
    kernel::{
        clock::{Clock, Timestamp},
        entropy::Entropy,
        failure::Result,
    },
    store::{Database, Ephemeral},
    wecom::{WeCom, model::Credential},
};

/// Dependencies of showing names.
#[derive(Clone)]
pub struct Dependencies {
    /// Database.
    pub database: Database,
    /// Where it is noted that a ticket was dropped.
    pub ephemeral: Ephemeral,
    /// Opens credentials.
    pub sealer: Sealer,
    /// Time.
    pub clock: Clock,
    /// Randomness.
    pub entropy: Entropy,
    /// Asks WeCom.
    pub wecom: WeCom,
    /// `public_url`, below which the console's pages are.
    pub public_url: String,
}

/// The use cases of showing names. Cheap to clone.
#[derive(Clone)]
pub struct NameProofs {
    pub(in crate::directory::name_proof) deps: Dependencies,
}

impl NameProofs {
    /// Over these parts.
    pub const fn new(deps: Dependencies) -> Self {
        Self { deps }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.deps.clock.now()
    }

    /// Addresses of WeCom's script and of the frames in which it shows names.
    pub fn component(&self) -> (&str, &str) {
        let endpoints = self.deps.wecom.endpoints();
        (&endpoints.open_data_script, &endpoints.open_data_frame)
    }

    /// The companies that are connected by a suite now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn companies(&self) -> Result<Vec<Company>> {
        Ok(store::companies(&self.deps.database).await?)
    }

    /// One of them.
    ///
    /// # Errors
    /// `NP-101` where no suite ever connected it, `NP-105` where it is not connected now.
    pub async fn company(&self, source: Uuid) -> Result<Company> {
        if let Some(found) = store::company(&self.deps.database, source).await? {
            return Ok(found);
        }
        match store::is_of_suite(&self.deps.database, source).await? {
            true => Err(NameProofFailure::NotConnected.into()),
            false => Err(NameProofFailure::NotFound.into()),
        }
    }

    /// The credential of the app that a company installed.
    pub(super) async fn app(&self, source: Uuid) -> Result<Credential> {
        let deps = &self.deps;
        let found = credential(&deps.database, &deps.sealer, self.now(), source).await?;
        found.ok_or_else(|| NameProofFailure::NotConnected.into())
    }

    /// The data sources whose names may be shown in this session now, each with the moment of the proof, milliseconds since 1970.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn standing(&self, session: Uuid) -> Result<HashMap<Uuid, i64>> {
        Ok(store::standing(&self.deps.database, session)
            .await?
            .into_iter()
            .collect())
    }

    /// Ends what was proved in this session of this company.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn end(&self, viewer: Viewer<'_>, source: Uuid) -> Result<()> {
        Ok(store::end(&self.deps.database, viewer.session, source).await?)
    }

    /// Those of these departments, by row id, whose names WeCom withholds.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn departments(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, Department>> {
        Ok(store::departments(&self.deps.database, ids).await?)
    }

    /// As which members these users are known to companies that are connected by a suite, those who are there first; of others nothing is said.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn members_of(&self, users: &[Uuid]) -> Result<HashMap<Uuid, Vec<Member>>> {
        Ok(store::members_of(&self.deps.database, users).await?)
    }
}
