//! Keyset (cursor) pagination: fetches one page of a table by its primary key.

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, Cursor, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select, SelectModel,
    sea_query::{Expr, ExprTrait, Order, SelectStatement, SimpleExpr},
};

use crate::kernel::{
    pagination::Page,
    sorting::{Kind, Position, SortValue, SortedPage},
};

/// Rows after the cursor, oldest first; one more than the page shows.
///
/// # Errors
/// When the database does not answer.
pub async fn oldest_first<E: EntityTrait>(
    connection: &impl ConnectionTrait,
    select: Select<E>,
    id: E::Column,
    page: Page,
) -> Result<Vec<E::Model>, DbErr>
where
    E::Model: Sync,
{
    cursor(select, id, page).all(connection).await
}

/// Rows before the cursor, newest first; one more than the page shows.
///
/// # Errors
/// When the database does not answer.
pub async fn newest_first<E: EntityTrait>(
    connection: &impl ConnectionTrait,
    select: Select<E>,
    id: E::Column,
    page: Page,
) -> Result<Vec<E::Model>, DbErr>
where
    E::Model: Sync,
{
    cursor(select, id, page).desc().all(connection).await
}

/// Rows of a sorted list behind the cursor; one more than the page shows. `by` is the column of the sort's word, which must never be null;
/// for [`Kind::Id`] it is not looked at. Where the list is sorted by a column of a joined table, `id` is that table's column of the same ids, so that
/// one index has both.
///
/// # Errors
/// When the database does not answer.
pub async fn sorted<E: EntityTrait>(
    connection: &impl ConnectionTrait,
    select: Select<E>,
    (id, by): (impl ColumnTrait, impl ColumnTrait),
    page: &SortedPage,
) -> Result<Vec<E::Model>, DbErr> {
    let direction = || if page.sort.descending { Order::Desc } else { Order::Asc };
    let select = match &page.after {
        Some(after) => select.filter(behind((id, by), after, page.sort.descending)),
        None => select,
    };
    let select = match page.sort.kind {
        Kind::Id => select,
        Kind::Number | Kind::Text => select.order_by(by, direction()),
    };
    select
        .order_by(id, direction())
        .limit(page.fetch())
        .all(connection)
        .await
}

/// The ids of a page in a narrow table that holds the same ids as the one that is listed: those of the page alone where the list is sorted by them,
/// and of all rows otherwise.
pub fn ids<E: EntityTrait>(select: Select<E>, id: E::Column, page: &SortedPage) -> SelectStatement {
    match page.sort.kind {
        Kind::Id => {
            let descending = page.sort.descending;
            let after = page.after.as_ref().map(|after| after.id);
            let behind = after.map(|after| if descending { id.lt(after) } else { id.gt(after) });
            let ids = select.select_only().column(id);
            let ids = ids.filter(Condition::all().add_option(behind));
            ids.order_by(id, if descending { Order::Desc } else { Order::Asc })
                .limit(page.fetch())
                .into_query()
        }
        Kind::Number | Kind::Text => select.select_only().column(id).into_query(),
    }
}

/// Compared as a row of values, which both databases look up in an index of the two columns.
fn behind((id, by): (impl ColumnTrait, impl ColumnTrait), after: &Position, descending: bool) -> SimpleExpr {
    let value = match &after.value {
        SortValue::Id => None,
        SortValue::Number(number) => Some(Expr::value(*number)),
        SortValue::Text(text) => Some(Expr::value(text.clone())),
    };
    let (row, bound) = match value {
        None => (id.into_expr(), Expr::value(after.id)),
        Some(value) => (
            Expr::tuple([by.into_expr(), id.into_expr()]),
            Expr::tuple([value, Expr::value(after.id)]),
        ),
    };
    if descending { row.lt(bound) } else { row.gt(bound) }
}

fn cursor<E: EntityTrait>(select: Select<E>, id: E::Column, page: Page) -> Cursor<SelectModel<E::Model>>
where
    E::Model: Sync,
{
    let mut cursor = select.cursor_by(id);
    if let Some(after) = page.after {
        cursor.after(after);
    }
    cursor.first(page.fetch());
    cursor
}
