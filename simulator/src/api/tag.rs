//! API `tag/list`, `tag/get` (reference §5.4).

use serde_json::{Value, json};

use super::call::{Answer, ApiCall, object, view};
use crate::errmsg::{Refusal, refusal};
use crate::policy::View;
use crate::state::State;
use crate::tokens::{Caller, Kind};

pub(super) fn list(_: &ApiCall, caller: &Caller, state: &mut State) -> Answer {
    let view = view(state, caller)?;
    let own = match caller.kind {
        Kind::App(agentid) if !view.switches.tag_list_shows_all || caller.suite.is_some() => {
            view.corp.apps.get(&agentid).map(|app| &app.scope.tags)
        }
        _ => None,
    };
    let shown = view
        .corp
        .tags
        .values()
        .filter(|tag| own.is_none_or(|ids| ids.contains(&tag.id)));
    let rows: Vec<Value> = shown.map(|tag| json!({"tagid": tag.id, "tagname": tag.name})).collect();
    Ok(object(json!({"taglist": rows})))
}

/// `tag/get`: members and departments outside the scope are silently left out.
pub(super) fn get(call: &ApiCall, caller: &Caller, state: &mut State) -> Answer {
    let id = call.number("tagid")?.ok_or_else(|| refusal(40063))?;
    if let (Some(_), Kind::App(agentid)) = (&caller.suite, caller.kind) {
        let own = state.app(&caller.corp, agentid).map(|app| app.scope.tags.contains(&id));
        own.filter(|own| *own).ok_or_else(|| refusal(81011))?;
    }
    let (name, users, parties) = tagged(&view(state, caller)?, id)?;
    Ok(object(
        json!({"tagname": name, "userlist": users, "partylist": parties}),
    ))
}

/// Name, members and departments of a tag.
pub(super) fn tagged<'a>(view: &View<'a>, id: u32) -> Result<(&'a str, Vec<Value>, Vec<u32>), Refusal> {
    let tag = view.corp.tags.get(&id).ok_or_else(|| refusal(40068))?;
    let members = tag
        .users
        .iter()
        .filter_map(|userid| view.corp.member(userid))
        .filter(|member| view.sees(member));
    let users: Vec<Value> = members
        .map(|member| json!({"userid": member.userid, "name": view.name(member)}))
        .collect();
    let parties: Vec<u32> = tag
        .parties
        .iter()
        .copied()
        .filter(|id| view.sees_department(*id))
        .collect();
    Ok((&tag.name, users, parties))
}
