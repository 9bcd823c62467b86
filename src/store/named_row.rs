//! Rows that callers name by their id or by a name that people chose: the one place that tells them apart.
//!
//! A name may look like an id: 32 hexadecimal digits are a generated `client_id`, and a userid of some companies, and they are read as a UUID too. So
//! what is no row's id is looked for as a name.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Select};
use uuid::Uuid;

/// Longest name that is looked for, bytes.
const LONGEST: usize = 512;

/// Whether a row can have this name; what none can have is not looked for: PostgreSQL would not even take a NUL.
pub fn is_possible(name: &str) -> bool {
    name.len() <= LONGEST && !name.chars().any(char::is_control)
}

/// Of these rows the one with this id (first column), else the one with this name (second column, where it is unique).
///
/// # Errors
/// When the database does not answer.
pub async fn by_id_or_name<E: EntityTrait>(
    connection: &impl ConnectionTrait,
    rows: Select<E>,
    (id, name): (E::Column, E::Column),
    wanted: &str,
) -> Result<Option<E::Model>, DbErr> {
    if !is_possible(wanted) {
        return Ok(None);
    }
    if let Ok(wanted) = Uuid::parse_str(wanted)
        && let Some(row) = rows.clone().filter(id.eq(wanted)).one(connection).await?
    {
        return Ok(Some(row));
    }
    rows.filter(name.eq(wanted)).one(connection).await
}
