//! The writer of one kind of small write: through the group commit on SQLite, directly on PostgreSQL.

use std::sync::Arc;

use super::group_commit::GroupCommit;
use crate::store::batch_write::BatchKind;
use crate::store::batch_write::only;
use sea_orm::{DatabaseConnection, DbErr, TransactionTrait};

/// The way items of one kind take to the database. Cheap to clone.
pub struct BatchWriter<K: BatchKind>(Route<K>);

enum Route<K: BatchKind> {
    /// One process owns the database: whoever comes while others commit is written with the next.
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

    /// Writes one item, with others where that helps. It is durable when this returns.
    ///
    /// # Errors
    /// What the write or the commit answered.
    pub async fn write(&self, item: K::Item) -> Result<K::Answer, DbErr> {
        match &self.0 {
            Route::Shared(batch) => batch.run(item).await,
            Route::Direct(kind, connection) => {
                let transaction = connection.begin().await?;
                let answers = kind.write(&transaction, std::slice::from_ref(&item)).await?;
                transaction.commit().await?;
                only(answers)
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
        f.write_str("Together")
    }
}
