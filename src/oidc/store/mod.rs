//! Queries of the provider: clients, grants and refresh tokens, what an access token still stands on.

mod affiliation;
mod clients;
mod deliveries;
mod grants;
mod settings;
mod standing;
mod together;

pub use grants::{NewGrant, Refresh, Successor};
pub use standing::Standing;

use together::{Grants, Rotations};
use uuid::Uuid;

use super::{client::Client, failure::Fault};
use crate::{
    audit,
    gate::facts::Person,
    kernel::{clock::Timestamp, entropy::Entropy, failure::Failure},
    store::{Database, Remembered, Together},
};

/// Queries of this room. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    database: Database,
    entropy: Entropy,
    known: Known,
    grants: Together<Grants>,
    rotations: Together<Rotations>,
}

/// What was read before and cannot have changed since.
#[derive(Clone, Debug, Default)]
struct Known {
    clients: Remembered<String, Client>,
    clients_by_row: Remembered<Uuid, Client>,
    people: Remembered<Uuid, Person>,
    standings: Remembered<Uuid, Standing>,
    /// By digest.
    refreshes: Remembered<String, Refresh>,
}

impl Store {
    pub(super) fn new(database: Database, entropy: Entropy) -> Self {
        Self {
            grants: database.together(Grants),
            rotations: database.together(Rotations),
            database,
            entropy,
            known: Known {
                // Small, and as many as there are grants in use.
                standings: Remembered::at_most(60_000),
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
