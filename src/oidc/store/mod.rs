//! Queries of the provider: clients, grants and refresh tokens, what an access token still stands on.

mod affiliation;
mod batch_writes;
mod clients;
mod deliveries;
pub(in crate::oidc) mod grant_state;
pub(in crate::oidc) mod grants;
mod settings;

pub use grant_state::GrantState;
pub use grants::Refresh;

use batch_writes::{Grants, Rotations};
use uuid::Uuid;

use super::{client::Client, failure::Fault};
use crate::{
    audit,
    gate::facts::Person,
    kernel::{clock::Timestamp, entropy::Entropy, failure::Failure},
    store::{BatchWriter, Database, ReadCache},
};

/// Queries of this room. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    database: Database,
    entropy: Entropy,
    known: Known,
    grants: BatchWriter<Grants>,
    rotations: BatchWriter<Rotations>,
}

/// What was read before and cannot have changed since.
#[derive(Clone, Debug, Default)]
struct Known {
    clients: ReadCache<String, Client>,
    clients_by_row: ReadCache<Uuid, Client>,
    people: ReadCache<Uuid, Person>,
    standings: ReadCache<Uuid, GrantState>,
    /// By digest.
    refreshes: ReadCache<String, Refresh>,
}

impl Store {
    pub(super) fn new(database: Database, entropy: Entropy) -> Self {
        Self {
            grants: database.batch_writer(Grants),
            rotations: database.batch_writer(Rotations),
            database,
            entropy,
            known: Known {
                // Small, and as many as there are grants in use.
                standings: ReadCache::at_most(60_000),
                ..Known::default()
            },
        }
    }

    /// Writes an event on this connection, so that it is true together with what it tells of.
    async fn record(
        &self,
        connection: &impl sea_orm::ConnectionTrait,
        now: Timestamp,
        record: audit::Record,
    ) -> Result<(), sea_orm::DbErr> {
        audit::store::record(connection, &self.entropy, now, record).await
    }
}

impl From<sea_orm::DbErr> for Fault {
    fn from(error: sea_orm::DbErr) -> Self {
        Failure::from(error).into()
    }
}
