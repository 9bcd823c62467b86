//! Batch writes (request batching): kinds of small writes that are done for many callers in few statements.
//!
//! Where writes share a commit ([`super::group_commit`]), what is left to pay for is each statement's round trip to the database. A kind
//! says how any number of its items is written at once, so that twenty sign-ins cost as many statements as one.

use futures_util::future::BoxFuture;

use sea_orm::{ActiveModelTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryResult, Value};

/// A kind of write.
pub trait BatchKind: Send + Sync + 'static {
    /// What one caller wants written.
    type Item: Send + Sync + 'static;
    /// Result for that caller.
    type Answer: Send + 'static;

    /// Writes all items and returns their results in order. It may run more than once for the same item, so it does nothing but statements
    /// on this transaction; and it changes nothing that is cached, see [`super::database::Database::write`].
    fn write<'t>(
        &'t self,
        transaction: &'t DatabaseTransaction,
        items: &'t [Self::Item],
    ) -> BoxFuture<'t, Result<Vec<Self::Answer>, DbErr>>;

    /// The same by one statement of PostgreSQL, which is a transaction by itself; `None` for a kind that has none. For a database that is
    /// asked over a network, where each statement is a round trip, and the transaction two.
    ///
    /// # Errors
    /// When an item has no form that can be sent.
    fn at_once(&self, _items: &[Self::Item]) -> Option<Result<AtOnce<Self::Answer>, DbErr>> {
        None
    }
}

/// One statement that writes all items.
pub struct AtOnce<T> {
    /// Its SQL.
    pub sql: String,
    /// Its values.
    pub values: Vec<Value>,
    /// What its rows tell each item, in order.
    pub answers: Answers<T>,
}

/// Reads the rows that such a statement returned.
pub type Answers<T> = Box<dyn FnOnce(&[QueryResult]) -> Result<Vec<Written<T>>, DbErr> + Send>;

/// What became of an item.
pub enum Written<T> {
    /// It is written, or refused.
    Done(T),
    /// It was left out, since somebody holds what it needs: it is to be written by itself, and may wait.
    Alone,
}

/// The result of a single item.
pub(super) fn single_answer<T>(answers: Vec<Written<T>>) -> Result<T, DbErr> {
    match answers.into_iter().next() {
        Some(Written::Done(answer)) => Ok(answer),
        Some(Written::Alone) | None => Err(DbErr::Custom("a write without an answer".to_owned())),
    }
}

/// Inserts these rows by one statement; none where there are no rows.
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
