//! Rows as JSON, for statements of PostgreSQL that write any number of them into several tables at once (`json_populate_record`): one text for
//! all numbers of rows, one round trip, and no transaction around it.

use sea_orm::{ActiveModelTrait, DbErr, EntityTrait, IdenStatic, Iterable, Value};
use serde_json::{Map, Value as Json};

/// A row as an object, with a member for each of its columns.
///
/// # Errors
/// When a column has a value of a kind that no table of ours has.
pub fn json_row<A: ActiveModelTrait>(row: &A) -> Result<Json, DbErr> {
    let mut members = Map::new();
    for column in <A::Entity as EntityTrait>::Column::iter() {
        let value = row.get(column).into_value().map_or(Ok(Json::Null), json_value)?;
        members.insert(column.as_str().to_owned(), value);
    }
    Ok(Json::Object(members))
}

fn json_value(value: Value) -> Result<Json, DbErr> {
    Ok(match value {
        Value::Bool(value) => value.into(),
        Value::Int(value) => value.into(),
        Value::BigInt(value) => value.into(),
        Value::String(value) => value.into(),
        Value::Uuid(value) => value.map(|id| id.to_string()).into(),
        Value::Json(value) => value.map_or(Json::Null, |value| *value),
        other => return Err(DbErr::Type(format!("no column of ours has values like {other:?}"))),
    })
}

#[cfg(test)]
mod tests {
    use entity::oauth_grant;
    use sea_orm::ActiveValue::{NotSet, Set};
    use serde_json::json;
    use uuid::Uuid;

    use super::json_row;

    #[test]
    fn a_row_has_a_member_for_each_column() {
        let id = Uuid::from_u128(1);
        let row = oauth_grant::ActiveModel {
            id: Set(id),
            session_id: Set(id),
            user_id: Set(id),
            client_id: Set(id),
            scope: Set("openid \"x\"".to_owned()),
            terms: Set(json!({ "a": [1] })),
            auth_time: Set(-5),
            created_at: Set(i64::MAX),
            revoked_at: Set(None),
            revoke_reason: NotSet,
        };
        let expected = json!({
            "id": id, "session_id": id, "user_id": id, "client_id": id, "scope": "openid \"x\"", "terms": { "a": [1] },
            "auth_time": -5, "created_at": i64::MAX, "revoked_at": null, "revoke_reason": null,
        });
        assert_eq!(json_row(&row).unwrap(), expected);
    }
}
