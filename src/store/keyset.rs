//! Fetching one page of a table by its primary key.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use crate::kernel::pagination::Page;

/// Rows after the cursor, oldest first; one more than the page shows.
///
/// # Errors
/// When the database does not answer.
pub async fn oldest_first<E: EntityTrait>(
    connection: &impl ConnectionTrait,
    select: Select<E>,
    id: E::Column,
    page: Page,
) -> Result<Vec<E::Model>, DbErr> {
    let select = page
        .after
        .into_iter()
        .fold(select, |all, after| all.filter(id.gt(after)));
    select.order_by_asc(id).limit(page.fetch()).all(connection).await
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
) -> Result<Vec<E::Model>, DbErr> {
    let select = page
        .after
        .into_iter()
        .fold(select, |all, after| all.filter(id.lt(after)));
    select.order_by_desc(id).limit(page.fetch()).all(connection).await
}
