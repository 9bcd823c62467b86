//! The use case of health.

use super::{
    model::{HealthView, Installation, Queues, ResourceProblem, StorageView, Waiting},
    store,
};
use crate::{
    admin::service::Admin,
    directory::{problems::Troubled, wecom_events::Callbacks},
    kernel::failure::Result,
    oidc::Provider,
};

impl Admin {
    /// The health of the installation.
    ///
    /// # Errors
    /// When a store does not answer.
    pub async fn health(
        &self,
        installation: &Installation,
        provider: &Provider,
        callbacks: &Callbacks,
    ) -> Result<HealthView> {
        let parts = (installation.parts)().await;
        let Installation {
            started_at,
            database,
            ephemeral,
            ..
        } = *installation;
        let problems = self.problems().await?;
        let data_sources = store::sources(&self.database).await?;
        Ok(HealthView {
            ready: parts.database == "ready" && parts.ephemeral == "ready",
            version: env!("CARGO_PKG_VERSION"),
            started_at,
            uptime_seconds: self.clock.now().since(started_at).as_secs(),
            storage: StorageView { database, ephemeral },
            parts,
            queues: Queues {
                logout_deliveries: provider.outstanding_logouts().await?,
                pending_looks: callbacks.outstanding_looks().await?,
                outstanding_events: store::outstanding_events(&self.database).await?,
            },
            waiting: Waiting {
                problems: number(&problems),
                ..store::waiting(&self.database, self.clock.now()).await?
            },
            data_sources,
            problems,
        })
    }

    /// How much waits for an admin.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn waiting(&self) -> Result<Waiting> {
        let problems = self.problems().await?;
        Ok(Waiting {
            problems: number(&problems),
            ..store::waiting(&self.database, self.clock.now()).await?
        })
    }

    async fn problems(&self) -> Result<Vec<ResourceProblem>> {
        let troubled = self.directory.troubled().await?;
        Ok(troubled.into_iter().flat_map(single).collect())
    }
}

fn number(problems: &[ResourceProblem]) -> u64 {
    u64::try_from(problems.len()).unwrap_or(u64::MAX)
}

/// Each problem of a resource by itself.
fn single(resource: Troubled) -> impl Iterator<Item = ResourceProblem> {
    let Troubled {
        collection,
        id,
        name,
        data_source: _,
        problems,
    } = resource;
    problems.into_iter().map(move |problem| ResourceProblem {
        collection,
        id,
        name: name.clone(),
        problem,
    })
}
