//! Which connections of PostgreSQL are tested before they are used. The pool would test each before each use, a round trip to the server and back.
//! One that served a moment ago is taken as it is, until a statement fails: then all are suspected that rested since before. What only reads is
//! carried out again where its connection turns out to be dead ([`super::connection`]), so it takes longer rested ones as they are.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sea_orm::sqlx::{Connection, Postgres, pool::PoolOptions};
use tokio::time::Instant;

/// A connection that was not used for so long is tested before something is written by it.
const RESTED: Duration = Duration::from_secs(10);

/// The same before something is read: by then a firewall may have forgotten it, and nobody says that it is dead.
const LONG_RESTED: Duration = Duration::from_secs(60);

/// What a connection is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// A statement that changes nothing.
    Read,
    /// Whatever must not be carried out twice.
    Write,
}

/// Since when connections that rest are suspected. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Rested(Arc<Mutex<Option<Instant>>>);

impl Rested {
    /// Pool options by which connections are tested so.
    pub(super) fn tested(&self, pool: PoolOptions<Postgres>) -> PoolOptions<Postgres> {
        let rested = self.clone();
        pool.before_acquire(move |connection, connected| {
            let tested = rested.is_to_be_tested(connected.idle_for, Use::Write);
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

    pub(super) fn is_to_be_tested(&self, idle: Duration, what: Use) -> bool {
        let suspected = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let long = match what {
            Use::Read => LONG_RESTED,
            Use::Write => RESTED,
        };
        idle >= long || suspected.is_some_and(|since| since.elapsed() <= idle)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{LONG_RESTED, RESTED, Rested, Use};

    #[test]
    fn who_rested_long_is_tested_and_after_a_failure_whoever_rested_before_it() {
        let rested = Rested::default();
        let short = Duration::from_millis(500);
        assert!(rested.is_to_be_tested(RESTED, Use::Write) && !rested.is_to_be_tested(short, Use::Write));
        assert!(!rested.is_to_be_tested(RESTED, Use::Read) && rested.is_to_be_tested(LONG_RESTED, Use::Read));
        rested.suspect();
        for what in [Use::Read, Use::Write] {
            assert!(rested.is_to_be_tested(short, what), "it rested since before");
            assert!(!rested.is_to_be_tested(Duration::ZERO, what), "it came back since");
        }
    }
}
