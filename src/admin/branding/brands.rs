//! The branding in memory: read at the first page, after each change made here, and every few seconds while pages are shown, because another
//! replica may have changed it.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use tokio::sync::{Mutex, MutexGuard};

use super::store::reading;
use crate::{
    kernel::{
        clock::{Clock, Timestamp},
        failure::Result,
    },
    store::Database,
    web::brand::Brands,
};

/// How old what another replica changed may be.
const FRESH: Duration = Duration::from_secs(5);
/// The same where something is asked for that is not known here.
const SOON: Duration = Duration::from_secs(1);

/// Holds the brands. Cheap to clone; clones share it.
#[derive(Clone)]
pub(in crate::admin) struct HeldBrands {
    database: Database,
    clock: Clock,
    held: Arc<RwLock<Held>>,
    /// Who reads it holds this, so that what was read earlier is never put over what was read later.
    reading: Arc<Mutex<()>>,
}

#[derive(Default)]
struct Held {
    brands: Arc<Brands>,
    read_at: Option<Timestamp>,
}

impl HeldBrands {
    pub(in crate::admin) fn new(database: Database, clock: Clock) -> Self {
        Self {
            database,
            clock,
            held: Arc::default(),
            reading: Arc::default(),
        }
    }

    /// The branding, seconds old at most. While it is read anew, and where that fails, everybody gets the one before: no page fails for
    /// want of its colours.
    pub(in crate::admin) async fn current(&self) -> Arc<Brands> {
        self.within(FRESH).await
    }

    /// Whether some page bears a logo with this digest. A page of another replica may bear one that is not known here yet; whatever strangers ask for,
    /// it is looked up once a second at most.
    pub(in crate::admin) async fn have_logo(&self, digest: &str) -> bool {
        self.current().await.have_logo(digest) || self.within(SOON).await.have_logo(digest)
    }

    async fn within(&self, fresh: Duration) -> Arc<Brands> {
        let (brands, read_at) = self.held();
        let now = self.clock.now();
        if read_at.is_some_and(|at| at <= now && now.since(at) < fresh) {
            return brands;
        }
        let Ok(turn) = self.reading.try_lock() else {
            return brands;
        };
        match self.read(&turn).await {
            Ok(brands) => brands,
            Err(failure) => {
                tracing::warn!(%failure, "the branding could not be read");
                self.hold(brands, now)
            }
        }
    }

    /// The branding as it stands in the database right now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(in crate::admin) async fn reread(&self) -> Result<Arc<Brands>> {
        let turn = self.reading.lock().await;
        self.read(&turn).await
    }

    async fn read(&self, _: &MutexGuard<'_, ()>) -> Result<Arc<Brands>> {
        let now = self.clock.now();
        let brands = Arc::new(reading::brands(&self.database).await?);
        Ok(self.hold(brands, now))
    }

    fn held(&self) -> (Arc<Brands>, Option<Timestamp>) {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        (Arc::clone(&held.brands), held.read_at)
    }

    fn hold(&self, brands: Arc<Brands>, now: Timestamp) -> Arc<Brands> {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        held.read_at = Some(now);
        held.brands = Arc::clone(&brands);
        brands
    }
}
