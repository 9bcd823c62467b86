//! Queries of the provider: clients, grants and refresh tokens, what an access token still stands on.

mod affiliation;
mod clients;
mod deliveries;
mod grants;
mod settings;
mod standing;

pub use grants::{NewGrant, Refresh, Successor};
pub use standing::Standing;

use super::failure::Fault;
use crate::{
    audit,
    kernel::{clock::Timestamp, entropy::Entropy, failure::Failure},
    store::Database,
};

/// Queries of this room. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    database: Database,
    entropy: Entropy,
}

impl Store {
    pub(super) const fn new(database: Database, entropy: Entropy) -> Self {
        Self { database, entropy }
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
