//! Reads the only row of a query by a unique key without a `LIMIT`, which is faster on SQLite.

use std::future::Future;

use sea_orm::{ConnectionTrait, DbErr, EntityTrait, Select, SelectTwo, Selector, SelectorTrait};

/// Queries by a unique key; see the module.
pub trait UniqueRow<T> {
    /// The row, if there is one.
    fn unique_row(self, connection: &impl ConnectionTrait) -> impl Future<Output = Result<Option<T>, DbErr>> + Send;
}

impl<E: EntityTrait> UniqueRow<E::Model> for Select<E> {
    async fn unique_row(self, connection: &impl ConnectionTrait) -> Result<Option<E::Model>, DbErr> {
        Ok(self.all(connection).await?.into_iter().next())
    }
}

impl<E: EntityTrait, F: EntityTrait> UniqueRow<(E::Model, Option<F::Model>)> for SelectTwo<E, F> {
    async fn unique_row(
        self,
        connection: &impl ConnectionTrait,
    ) -> Result<Option<(E::Model, Option<F::Model>)>, DbErr> {
        Ok(self.all(connection).await?.into_iter().next())
    }
}

impl<S: SelectorTrait + Send> UniqueRow<S::Item> for Selector<S>
where
    S::Item: Send,
{
    async fn unique_row(self, connection: &impl ConnectionTrait) -> Result<Option<S::Item>, DbErr> {
        Ok(self.all(connection).await?.into_iter().next())
    }
}
