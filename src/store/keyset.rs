//! Keyset (cursor) pagination: fetches one page of a table by its primary key.

use sea_orm::{ConnectionTrait, Cursor, DbErr, EntityTrait, Select, SelectModel};

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
