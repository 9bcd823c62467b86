//! When a token was last used: written in the background, so that no request waits for it or fails by it, and at most once a minute.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use uuid::Uuid;

use super::store;
use crate::{
    kernel::{clock::Timestamp, home_runtime::HomeRuntime},
    store::Database,
};

/// How exact the moment is.
const EVERY: Duration = Duration::from_secs(60);

/// Notes uses of tokens. Cheap to clone.
#[derive(Clone)]
pub(in crate::admin) struct LastUse {
    /// What this process wrote last, of valid tokens only.
    written: Arc<Mutex<HashMap<Uuid, Timestamp>>>,
    home: HomeRuntime,
}

impl LastUse {
    /// Notes uses on the current runtime.
    pub(in crate::admin) fn new() -> Self {
        Self {
            written: Arc::default(),
            home: HomeRuntime::current(),
        }
    }

    /// Notes that a token was used; `known` is what its row says.
    pub(super) fn note(&self, database: &Database, (id, known): (Uuid, Option<i64>), now: Timestamp) {
        let is_recent = |at: Timestamp| now.since(at) < EVERY;
        if known.is_some_and(|at| is_recent(Timestamp::from_millis(at))) {
            return;
        }
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if written.get(&id).copied().is_some_and(is_recent) {
            return;
        }
        // Those of tokens that are gone go with the minute.
        written.retain(|_, at| is_recent(*at));
        written.insert(id, now);
        drop(written);
        let (database, before) = (database.clone(), now.minus(EVERY));
        self.home.spawn(async move {
            if let Err(error) = store::touch(&database, id, (now, before)).await {
                tracing::debug!(%error, token = %id, "when a token was last used could not be written");
            }
        });
    }
}
