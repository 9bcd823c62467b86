//! Which connections of PostgreSQL are tested before they are used. The pool would test each before each use, a round trip to the server and back.
//! One that served a moment ago is taken as it is, until a statement fails: then all are suspected that rested since before.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sea_orm::sqlx::{Connection, Postgres, pool::PoolOptions};
use tokio::time::Instant;

/// A connection that was not used for so long is tested before it is.
const RESTED: Duration = Duration::from_secs(1);

/// Since when connections that rest are suspected. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Rested(Arc<Mutex<Option<Instant>>>);

impl Rested {
    /// Pool options by which connections are tested so.
    pub(super) fn tested(&self, pool: PoolOptions<Postgres>) -> PoolOptions<Postgres> {
        let rested = self.clone();
        pool.before_acquire(move |connection, connected| {
            let tested = rested.is_to_be_tested(connected.idle_for);
            Box::pin(async move {
                if tested {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
    }

    /// Suspects all connections that rest now.
    pub(super) fn suspect(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    pub(super) fn is_to_be_tested(&self, idle: Duration) -> bool {
        let suspected = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        idle >= RESTED || suspected.is_some_and(|since| since.elapsed() <= idle)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{RESTED, Rested};

    #[test]
    fn who_rested_long_is_tested_and_after_a_failure_whoever_rested_before_it() {
        let rested = Rested::default();
        let short = Duration::from_millis(500);
        assert!(rested.is_to_be_tested(RESTED) && !rested.is_to_be_tested(short));
        rested.suspect();
        assert!(rested.is_to_be_tested(short), "it rested since before");
        assert!(!rested.is_to_be_tested(Duration::ZERO), "it came back since");
    }
}
