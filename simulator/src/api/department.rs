//! API `department/list`, `department/simplelist`, `department/get` (reference §5.2). With a limited scope the result is a forest.

use serde_json::{Value, json};

use super::call::{Answer, ApiCall, object, view};
use crate::errmsg::refusal;
use crate::state::State;
use crate::tokens::Caller;

pub(super) fn list(call: &ApiCall, caller: &Caller, state: &mut State) -> Answer {
    let view = view(state, caller)?;
    let rows: Vec<Value> = view
        .departments(call.number("id")?)?
        .into_iter()
        .map(|department| view.department_json(department))
        .collect();
    Ok(object(json!({"department": rows})))
}

pub(super) fn simple_list(call: &ApiCall, caller: &Caller, state: &mut State) -> Answer {
    let view = view(state, caller)?;
    let rows: Vec<Value> = view
        .departments(call.number("id")?)?
        .into_iter()
        .map(|department| json!({"id": department.id, "parentid": department.parent, "order": department.order}))
        .collect();
    Ok(object(json!({"department_id": rows})))
}

/// `department/get`: one object under the key that holds an array in `department/list`.
pub(super) fn get(call: &ApiCall, caller: &Caller, state: &mut State) -> Answer {
    let id = call.number("id")?.ok_or_else(|| refusal(40063))?;
    let view = view(state, caller)?;
    Ok(object(
        json!({"department": view.department_json(view.department(id)?)}),
    ))
}
