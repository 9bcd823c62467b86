//! The branding that pages bear, in memory as long as nothing changes.

use std::{sync::Arc, time::Duration};

use tokio::time::timeout;

use super::store::reading;
use crate::{
    kernel::failure::Result,
    store::{About, Cached, Database, ReadCache},
    web::brand::Brands,
};

/// How long a page waits for its colours while the database does not answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// Holds the brands. Cheap to clone; clones share it.
#[derive(Clone)]
pub(in crate::admin) struct HeldBrands {
    database: Database,
    /// One value.
    cached: ReadCache<(), Brands>,
}

impl Cached for Brands {
    fn about(&self) -> About {
        About::Everybody
    }
}

impl HeldBrands {
    pub(in crate::admin) fn new(database: Database) -> Self {
        Self {
            database,
            cached: ReadCache::with_capacity(2),
        }
    }

    /// The branding. Where it cannot be read everybody gets the one before: no page fails for want of its colours.
    pub(in crate::admin) async fn current(&self) -> Arc<Brands> {
        match timeout(PATIENCE, Box::pin(self.read())).await {
            Ok(Ok(Some(brands))) => return brands,
            Ok(Ok(None)) => {}
            Ok(Err(failure)) => tracing::debug!(%failure, "the branding could not be read"),
            Err(_) => tracing::debug!("the branding did not come in time"),
        }
        self.cached.last(&()).unwrap_or_default()
    }

    async fn read(&self) -> Result<Option<Arc<Brands>>> {
        let load = || async { reading::brands(&self.database).await.map(Some) };
        self.cached.get(&self.database, &(), load).await
    }
}
