//! Inserts of many rows, put together by hand: where a hundred thousand rows are written, putting the same statement together of expressions each time
//! takes as long as SQLite does to carry it out.

use std::fmt::Write;

use sea_orm::{
    ActiveModelTrait, ActiveValue, DbBackend, EntityName, EntityTrait, IdenStatic, Iterable, Statement, Value,
};

/// The statement that inserts these rows, of which there is one at least. A column that is set in none of them is left to the table; one that is set in
/// some is null in the others.
pub fn insert_rows<A: ActiveModelTrait>(backend: DbBackend, mut rows: Vec<A>) -> Statement {
    let columns: Vec<_> = <A::Entity as EntityTrait>::Column::iter()
        .filter(|column| rows.iter().any(|row| !row.is_not_set(*column)))
        .collect();
    let mut values = Vec::with_capacity(rows.len() * columns.len());
    for row in &mut rows {
        values.extend(columns.iter().map(|column| match row.take(*column) {
            ActiveValue::Set(value) | ActiveValue::Unchanged(value) => Some(value),
            ActiveValue::NotSet => None,
        }));
    }
    let nulls: Vec<Option<Value>> = (0..columns.len())
        .map(|at| {
            let given = values.iter().skip(at).step_by(columns.len()).flatten().next();
            given.map(Value::as_null)
        })
        .collect();
    let given = values.into_iter().zip(nulls.iter().cycle());
    let values = given.filter_map(|(value, null)| value.or_else(|| null.clone()));
    Statement::from_sql_and_values(backend, text::<A>(backend, &columns, rows.len()), values)
}

fn text<A: ActiveModelTrait>(
    backend: DbBackend,
    columns: &[<A::Entity as EntityTrait>::Column],
    rows: usize,
) -> String {
    let names: Vec<String> = columns
        .iter()
        .map(|column| format!("\"{}\"", column.as_str()))
        .collect();
    let mut text = format!(
        "INSERT INTO \"{}\" ({}) VALUES ",
        A::Entity::default().table_name(),
        names.join(", ")
    );
    let mut place = 0_usize;
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { "), (" });
        for column in 0..columns.len() {
            place += 1;
            let comma = if column == 0 { "" } else { ", " };
            // Writing to a text does not fail.
            _ = match backend {
                DbBackend::Postgres => write!(text, "{comma}${place}"),
                _ => write!(text, "{comma}?"),
            };
        }
    }
    text.push(')');
    text
}

#[cfg(test)]
mod tests {
    use entity::sync_row;
    use sea_orm::{
        ActiveValue::{NotSet, Set},
        DbBackend, EntityTrait, QueryTrait,
    };
    use uuid::Uuid;

    use super::insert_rows;

    fn row(number: u128, reason: Option<&str>) -> sync_row::ActiveModel {
        sync_row::ActiveModel {
            id: Set(Uuid::from_u128(number)),
            reason: reason.map_or(NotSet, |reason| Set(reason.to_owned())),
            user_id: Set(None),
            ..sync_row::ActiveModel::default()
        }
    }

    #[test]
    fn it_says_what_would_be_put_together_of_expressions() {
        for backend in [DbBackend::Sqlite, DbBackend::Postgres] {
            let rows = || vec![row(1, None), row(2, Some("b")), row(3, None)];
            let expected = backend.build(&sync_row::Entity::insert_many(rows()).into_query());
            assert_eq!(insert_rows(backend, rows()), expected);
        }
    }
}
