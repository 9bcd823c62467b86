//! Kinds of small writes that are done for many callers in few statements.
//!
//! Where writes share a commit ([`super::group_commit`]), what is left to pay for is each statement's way to the database and back. A kind says how
//! any number of its items is written at once, so that twenty sign-ins cost as many statements as one.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait, TransactionTrait,
};

use super::group_commit::GroupCommit;

/// A kind of write.
pub trait BatchKind: Send + Sync + 'static {
    /// What one caller wants written.
    type Item: Send + Sync + 'static;
    /// What that caller hears.
    type Answer: Send + 'static;

    /// Writes all items and answers in their order. It may run more than once for the same item, so it does nothing but statements on this
    /// transaction; and it changes nothing that is trusted from memory, see [`super::database::Database::write`].
    fn write<'t>(
        &'t self,
        transaction: &'t DatabaseTransaction,
        items: &'t [Self::Item],
    ) -> BoxFuture<'t, Result<Vec<Self::Answer>, DbErr>>;
}

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

/// The answer to a single item.
pub(super) fn only<T>(answers: Vec<T>) -> Result<T, DbErr> {
    let answer = answers.into_iter().next();
    answer.ok_or_else(|| DbErr::Custom("a write without an answer".to_owned()))
}

/// Adds these rows by one statement; none, no statement.
///
/// # Errors
/// When the database does not take them.
pub async fn add_rows<A>(connection: &impl ConnectionTrait, rows: Vec<A>) -> Result<(), DbErr>
where
    A: ActiveModelTrait,
{
    if rows.is_empty() {
        return Ok(());
    }
    let insert = <A::Entity as EntityTrait>::insert_many(rows);
    insert.exec_without_returning(connection).await.map(|_| ())
}
