//! The provider's store: database, read caches and batch writers. The queries are in the other files of this folder.

use super::grant_batches::{Grants, Rotations};
use crate::{
    audit,
    gate::facts::Person,
    kernel::{clock::Timestamp, entropy::Entropy, failure::Failure},
    oidc::{
        client::Client,
        failure::Fault,
        store::model::{GrantState, RefreshToken},
    },
    store::{BatchWriter, Database, ReadCache},
};
use uuid::Uuid;

/// Queries of this room. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    pub(in crate::oidc) database: Database,
    pub(in crate::oidc) entropy: Entropy,
    pub(in crate::oidc) caches: Caches,
    pub(in crate::oidc) grants: BatchWriter<Grants>,
    pub(in crate::oidc) rotations: BatchWriter<Rotations>,
}

/// Read caches: what was read before and cannot have changed since.
#[derive(Clone, Debug, Default)]
pub(in crate::oidc) struct Caches {
    pub(in crate::oidc) clients: ReadCache<String, Client>,
    pub(in crate::oidc) clients_by_row: ReadCache<Uuid, Client>,
    pub(in crate::oidc) people: ReadCache<Uuid, Person>,
    pub(in crate::oidc) grant_states: ReadCache<Uuid, GrantState>,
    /// By digest.
    pub(in crate::oidc) refreshes: ReadCache<String, RefreshToken>,
}

impl Store {
    pub(in crate::oidc) fn new(database: Database, entropy: Entropy) -> Self {
        Self {
            grants: database.batch_writer(Grants),
            rotations: database.batch_writer(Rotations),
            database,
            entropy,
            caches: Caches {
                // Small, and as many as there are grants in use.
                grant_states: ReadCache::with_capacity(60_000),
                ..Caches::default()
            },
        }
    }

    /// Writes an audit event on this connection, so that it is committed together with the change it records.
    pub(in crate::oidc) async fn record(
        &self,
        connection: &impl sea_orm::ConnectionTrait,
        now: Timestamp,
        record: audit::Record,
    ) -> Result<(), sea_orm::DbErr> {
        audit::store::insert_in_transaction(connection, &self.entropy, now, record).await
    }
}

impl From<sea_orm::DbErr> for Fault {
    fn from(error: sea_orm::DbErr) -> Self {
        Failure::from(error).into()
    }
}
