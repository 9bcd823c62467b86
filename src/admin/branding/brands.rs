//! The branding in memory: read at the first page, after each change made here, and every few seconds while pages are shown, because another
//! replica may have changed it.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use tokio::sync::{Mutex, MutexGuard};

use super::store;
use crate::{
    kernel::{
        clock::{Clock, Timestamp},
        failure::Result,
    },
    store::Database,
    web::brand::Brand,
};

/// How old what another replica changed may be.
const FRESH: Duration = Duration::from_secs(5);

/// Holds the branding. Cheap to clone; clones share it.
#[derive(Clone)]
pub(in crate::admin) struct Brands {
    database: Database,
    clock: Clock,
    held: Arc<RwLock<Held>>,
    /// Who reads it holds this, so that what was read earlier is never put over what was read later.
    reading: Arc<Mutex<()>>,
}

#[derive(Default)]
struct Held {
    brand: Arc<Brand>,
    read_at: Option<Timestamp>,
}

impl Brands {
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
    pub(in crate::admin) async fn current(&self) -> Arc<Brand> {
        let (brand, read_at) = self.held();
        let now = self.clock.now();
        if read_at.is_some_and(|at| at <= now && now.since(at) < FRESH) {
            return brand;
        }
        let Ok(turn) = self.reading.try_lock() else {
            return brand;
        };
        match self.read(&turn).await {
            Ok(brand) => brand,
            Err(failure) => {
                tracing::warn!(%failure, "the branding could not be read");
                self.hold(brand, now)
            }
        }
    }

    /// The branding as it stands in the database right now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(in crate::admin) async fn reread(&self) -> Result<Arc<Brand>> {
        let turn = self.reading.lock().await;
        self.read(&turn).await
    }

    async fn read(&self, _: &MutexGuard<'_, ()>) -> Result<Arc<Brand>> {
        let now = self.clock.now();
        let brand = Arc::new(store::load(&self.database).await?);
        Ok(self.hold(brand, now))
    }

    fn held(&self) -> (Arc<Brand>, Option<Timestamp>) {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        (Arc::clone(&held.brand), held.read_at)
    }

    fn hold(&self, brand: Arc<Brand>, now: Timestamp) -> Arc<Brand> {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        held.read_at = Some(now);
        held.brand = Arc::clone(&brand);
        brand
    }
}
