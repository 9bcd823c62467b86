//! Batch writer: writes items of one kind through the group commit.

use super::group_commit::GroupCommit;
use crate::store::batch_kind::BatchKind;
use sea_orm::DbErr;

/// Writes items of one kind. Cheap to clone.
pub struct BatchWriter<K: BatchKind>(GroupCommit<K>);

impl<K: BatchKind> BatchWriter<K> {
    pub(super) const fn over(batch: GroupCommit<K>) -> Self {
        Self(batch)
    }

    /// Writes one item, together with others where that helps. It is durable when this returns.
    ///
    /// # Errors
    /// The error of the write or the commit.
    pub async fn write(&self, item: K::Item) -> Result<K::Answer, DbErr> {
        self.0.run(item).await
    }
}

impl<K: BatchKind> Clone for BatchWriter<K> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K: BatchKind> std::fmt::Debug for BatchWriter<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BatchWriter")
    }
}
