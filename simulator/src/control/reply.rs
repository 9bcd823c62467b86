//! Replies and merge patches of the control API.

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use crate::state::Shared;

pub(super) fn failed(status: StatusCode, error: impl ToString) -> HttpResponse {
    HttpResponse::build(status).json(json!({"error": error.to_string()}))
}

pub(super) fn done() -> HttpResponse {
    HttpResponse::Ok().json(json!({"ok": true}))
}

/// Merges `patch` into `target` (RFC 7396) and reads it back; unknown keys and wrong types are refused.
pub(super) fn merge<T: Serialize + DeserializeOwned>(target: &mut T, patch: &Value) -> Result<(), String> {
    let mut value = serde_json::to_value(&*target).map_err(|error| error.to_string())?;
    merge_value(&mut value, patch);
    *target = serde_json::from_value(value).map_err(|error| error.to_string())?;
    Ok(())
}

fn merge_value(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(target) = target else { return };
    for (key, value) in patch {
        if value.is_null() {
            target.remove(key);
        } else {
            merge_value(target.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}

/// Merges into one part of the world and answers.
pub(super) fn patch<T: Serialize + DeserializeOwned>(
    shared: &Data<Shared>,
    body: &Value,
    find: impl FnOnce(&mut crate::World) -> Option<&mut T>,
) -> HttpResponse {
    let result = shared
        .lock()
        .edit(|world| find(world).map(|target| merge(target, body)));
    match result {
        None => failed(StatusCode::NOT_FOUND, "not found"),
        Some(Err(error)) => failed(StatusCode::UNPROCESSABLE_ENTITY, error),
        Some(Ok(())) => done(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Member;

    #[test]
    fn patches_merge_and_unknown_keys_are_refused() {
        let mut member = Member::new("lihua", "李华", &[2]);
        merge(&mut member, &json!({"status": 2, "sensitive": {"mobile": "1"}})).unwrap();
        assert_eq!((member.status, member.sensitive.mobile.as_str()), (2, "1"));
        assert!(merge(&mut member, &json!({"statsu": 2})).is_err());
        assert_eq!(member.name, "李华");
    }
}
