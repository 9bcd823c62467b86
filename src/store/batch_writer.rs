//! Batch writer: writes items of one kind through the group commit on SQLite, directly on PostgreSQL.

use std::sync::Arc;

use super::{group_commit::GroupCommit, write_transaction};
use crate::store::batch_kind::{BatchKind, single_answer};
use sea_orm::{DatabaseConnection, DbErr};

/// Writes items of one kind. Cheap to clone.
pub struct BatchWriter<K: BatchKind>(Route<K>);

enum Route<K: BatchKind> {
    /// One process owns the database: items that come while others are being committed are written with the next transaction.
    Shared(GroupCommit<K>),
    /// PostgreSQL groups commits by itself, on many connections.
    Direct(Arc<K>, DatabaseConnection),
}

impl<K: BatchKind> BatchWriter<K> {
    pub(super) const fn shared(batch: GroupCommit<K>) -> Self {
        Self(Route::Shared(batch))
    }

    pub(super) fn direct(kind: K, connection: DatabaseConnection) -> Self {
        Self(Route::Direct(Arc::new(kind), connection))
    }

    /// Writes one item, together with others where that helps. It is durable when this returns.
    ///
    /// # Errors
    /// The error of the write or the commit.
    pub async fn write(&self, item: K::Item) -> Result<K::Answer, DbErr> {
        match &self.0 {
            Route::Shared(batch) => batch.run(item).await,
            Route::Direct(kind, connection) => {
                let transaction = write_transaction::begin(connection).await?;
                let answers = kind.write(&transaction, std::slice::from_ref(&item)).await?;
                transaction.commit().await?;
                single_answer(answers)
            }
        }
    }
}

impl<K: BatchKind> Clone for BatchWriter<K> {
    fn clone(&self) -> Self {
        Self(match &self.0 {
            Route::Shared(batch) => Route::Shared(batch.clone()),
            Route::Direct(kind, connection) => Route::Direct(Arc::clone(kind), connection.clone()),
        })
    }
}

impl<K: BatchKind> std::fmt::Debug for BatchWriter<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BatchWriter")
    }
}
