//! API `user/get`, `user/list`, `user/simplelist`, `user/list_id` (reference §3.4, §5.3).

use std::ops::Bound;

use serde_json::{Value, json};

use super::call::{Answer, ApiCall, object, view};
use crate::errmsg::{Refusal, refusal};
use crate::policy::View;
use crate::state::State;
use crate::tokens::Caller;
use crate::world::Member;

pub(super) fn get(call: &ApiCall, caller: &Caller, state: &mut State) -> Answer {
    let userid = call.param("userid").ok_or_else(|| refusal(41009))?;
    if !well_formed(userid) {
        return Err(refusal(40003));
    }
    let unlicensed = &state.world.switches.messages.unlicensed;
    if caller.suite.is_some() && unlicensed.iter().any(|other| other.eq_ignore_ascii_case(userid)) {
        return Err(refusal(701_008));
    }
    let view = view(state, caller)?;
    Ok(view.details(view.member(userid)?))
}

/// Whether a userid is well-formed: 1–64 bytes of `A-Za-z0-9_-@.`, alphanumeric first (§0.2).
pub(super) fn well_formed(userid: &str) -> bool {
    userid.len() <= 64
        && userid.starts_with(|first: char| first.is_ascii_alphanumeric())
        && userid.chars().all(|c| c.is_ascii_alphanumeric() || "_-@.".contains(c))
}

pub(super) fn list(call: &ApiCall, caller: &Caller, state: &mut State) -> Answer {
    let view = view(state, caller)?;
    let rows: Vec<Value> = members(call, &view)?
        .into_iter()
        .map(|m| Value::Object(view.details(m)))
        .collect();
    Ok(object(json!({"userlist": rows})))
}

pub(super) fn simple_list(call: &ApiCall, caller: &Caller, state: &mut State) -> Answer {
    let view = view(state, caller)?;
    let rows: Vec<Value> = members(call, &view)?.into_iter().map(|m| view.brief(m)).collect();
    Ok(object(json!({"userlist": rows})))
}

fn members<'a>(call: &ApiCall, view: &View<'a>) -> Result<Vec<&'a Member>, Refusal> {
    let id = call.number("department_id")?.ok_or_else(|| refusal(40063))?;
    let id = view.department(id)?.id;
    let deep = call.param("fetch_child") == Some("1") && !view.switches.ignore_fetch_child;
    let departments = if deep { view.index.subtree(id) } else { vec![id] };
    let mut keys: Vec<&String> = departments.iter().flat_map(|id| view.index.members_of(*id)).collect();
    keys.sort_unstable();
    keys.dedup();
    Ok(keys.into_iter().filter_map(|key| view.corp.members.get(key)).collect())
}

/// `user/list_id`: one row per (member, department). The cursor holds the last row, so pages may shift but never repeat.
pub(super) fn list_id(call: &ApiCall, caller: &Caller, state: &mut State) -> Answer {
    let limit = match call.body.get("limit") {
        None | Some(Value::Null) => 10_000,
        Some(limit) => limit
            .as_u64()
            .filter(|n| (1..=10_000).contains(n))
            .ok_or_else(|| refusal(40058))?,
    };
    let limit = usize::try_from(limit).map_err(|_| refusal(40058))?;
    let cursor = call.body.get("cursor").and_then(Value::as_str).unwrap_or_default();
    let after = if cursor.is_empty() {
        None
    } else {
        Some(read_cursor(cursor).ok_or_else(|| refusal(40035))?)
    };
    let corp = view(state, caller)?.corp;
    let (start, skip) = after.map_or((String::new(), 0), |(key, skip)| (key, skip));
    let mut rows = corp
        .members
        .range::<String, _>((Bound::Included(&start), Bound::Unbounded))
        .flat_map(|(key, member)| {
            let done = if *key == start { skip } else { 0 };
            member
                .departments
                .iter()
                .enumerate()
                .skip(done)
                .map(move |(at, place)| (key, at, member, place.department))
        });
    let mut page = Vec::with_capacity(limit.min(1024));
    let mut last = None;
    for (key, at, member, department) in rows.by_ref().take(limit) {
        page.push(json!({"userid": member.userid, "department": department}));
        last = Some(format!("{at}_{key}"));
    }
    let more = rows.next().is_some();
    Ok(object(
        json!({"next_cursor": last.filter(|_| more).unwrap_or_default(), "dept_user": page}),
    ))
}

/// Parses a cursor: the member's key and how many of its rows were sent.
fn read_cursor(cursor: &str) -> Option<(String, usize)> {
    let (at, key) = cursor.split_once('_')?;
    Some((key.to_owned(), at.parse::<usize>().ok()? + 1))
}
