//! Writes of any kind that share a transaction and nothing else ([`GroupCommit`]).

use std::{any::Any, sync::Arc};

use futures_util::future::BoxFuture;
use sea_orm::{DatabaseTransaction, DbErr};

use super::{batch_kind::BatchKind, group_commit::GroupCommit};

pub(super) type Value = Box<dyn Any + Send>;
pub(super) type Work =
    Box<dyn for<'t> Fn(&'t DatabaseTransaction) -> BoxFuture<'t, Result<Value, DbErr>> + Send + Sync>;

/// Writes that share nothing but their transaction: they run one after the other.
pub struct Closures;

impl BatchKind for Closures {
    type Item = Work;
    type Answer = Value;

    fn write<'t>(
        &'t self,
        transaction: &'t DatabaseTransaction,
        items: &'t [Work],
    ) -> BoxFuture<'t, Result<Vec<Value>, DbErr>> {
        Box::pin(async move {
            let mut values = Vec::with_capacity(items.len());
            for work in items {
                values.push(work(transaction).await?);
            }
            Ok(values)
        })
    }
}

impl GroupCommit<Closures> {
    /// Runs `work` in a transaction shared with others; returns its result once that is durable. `work` may run more than once, so it must
    /// do nothing but statements on the transaction it is given.
    ///
    /// # Errors
    /// The error of `work` or of the commit.
    pub async fn work<T, F>(&self, work: F) -> Result<T, DbErr>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t DatabaseTransaction) -> BoxFuture<'t, Result<T, DbErr>> + Send + Sync + 'static,
    {
        let work = Arc::new(work);
        let work: Work = Box::new(move |transaction| {
            let work = Arc::clone(&work);
            Box::pin(async move { work(transaction).await.map(|value| Box::new(value) as Value) })
        });
        let value = self.run(work).await?;
        value
            .downcast()
            .map(|value| *value)
            .map_err(|_| DbErr::Custom("a write of another type".to_owned()))
    }
}
