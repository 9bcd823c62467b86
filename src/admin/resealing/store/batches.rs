//! Queries of resealing: a batch of a column that holds sealed values. The columns are those of [`places`](super::places).

use std::fmt;

use sea_orm::{
    ColumnTrait, ColumnType, ConnectionTrait, DbErr, EntityName, QueryResult, Value,
    sea_query::{Alias, Expr, ExprTrait, LockBehavior, LockType, Order, Query, SelectStatement, SimpleExpr},
};
use uuid::Uuid;

use crate::{crypto::seal::Sealer, kernel::failure::Result, store::Database};

/// Most rows that are read, or changed by one transaction.
pub(in crate::admin::resealing) const BATCH: usize = 200;

/// By what a row is known.
#[derive(Clone, Debug)]
pub(in crate::admin::resealing) enum Key {
    Id(Uuid),
    Text(String),
}

impl fmt::Display for Key {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(to),
            Self::Text(text) => to.write_str(text),
        }
    }
}

impl From<Key> for Value {
    fn from(key: Key) -> Self {
        match key {
            Key::Id(id) => id.into(),
            Key::Text(text) => text.into(),
        }
    }
}

/// A column of a table, with the table's key.
#[derive(Clone, Copy, Debug)]
pub(in crate::admin::resealing) struct Column {
    pub(in crate::admin::resealing) table: &'static str,
    pub(in crate::admin::resealing) name: &'static str,
    key: &'static str,
    key_is_id: bool,
}

impl Column {
    /// This column, of rows that are known by that key.
    pub(super) fn of<C: ColumnTrait>(key: C, column: C) -> Self {
        Self {
            table: C::EntityName::default().table_name(),
            name: column.as_str(),
            key: key.as_str(),
            key_is_id: *key.def().get_column_type() == ColumnType::Uuid,
        }
    }

    fn key(self) -> SimpleExpr {
        Expr::col(Alias::new(self.key))
    }

    fn select(self) -> SelectStatement {
        let mut select = Query::select();
        select
            .columns([Alias::new(self.key), Alias::new(self.name)])
            .from(Alias::new(self.table))
            .and_where(Expr::col(Alias::new(self.name)).is_not_null())
            .order_by(Alias::new(self.key), Order::Asc);
        select
    }

    fn read(self, row: &QueryResult) -> Result<(Key, String), DbErr> {
        let key = match self.key_is_id {
            true => Key::Id(row.try_get_by_index(0)?),
            false => Key::Text(row.try_get_by_index(0)?),
        };
        Ok((key, row.try_get_by_index(1)?))
    }
}

/// The next values after this key, in the order of the keys.
pub(in crate::admin::resealing) async fn batch(
    database: &Database,
    column: Column,
    after: Option<Key>,
) -> Result<Vec<(Key, String)>> {
    let mut select = column.select();
    select.limit(BATCH.try_into().unwrap_or(u64::MAX));
    if let Some(after) = after {
        select.and_where(column.key().gt(Value::from(after)));
    }
    let rows = database.reader().query_all(&select).await?;
    Ok(rows.iter().map(|row| column.read(row)).collect::<Result<_, _>>()?)
}

/// Seals these rows' values anew, as far as they are sealed with the previous key; answers how many. Race: a row that somebody else is changing at this
/// moment is left to a later pass, so this waits for nobody and nobody for it but for one short transaction.
pub(in crate::admin::resealing) async fn reseal(
    database: &Database,
    (column, keys): (Column, Vec<Key>),
    sealed_for: impl Fn(&Key) -> String,
    sealer: &Sealer,
) -> Result<u64> {
    let transaction = database.begin_in_background().await?;
    let mut select = column.select();
    select
        .and_where(column.key().is_in(keys.into_iter().map(Value::from)))
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    let mut anew = 0_u64;
    for row in transaction.query_all(&select).await? {
        let (key, sealed) = column.read(&row)?;
        let Some(sealed) = sealer.sealed_anew(&sealed_for(&key), &sealed)? else {
            continue;
        };
        let mut update = Query::update();
        update
            .table(Alias::new(column.table))
            .value(Alias::new(column.name), sealed)
            .and_where(column.key().eq(Value::from(key)));
        transaction.execute(&update).await?;
        anew = anew.saturating_add(1);
    }
    transaction.commit().await?;
    Ok(anew)
}
