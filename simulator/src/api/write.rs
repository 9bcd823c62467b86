//! API `user/create`, `user/update`, `user/delete`, for the contacts-sync secret (reference §5.1).
//!
//! Apps hear `subscribe` and `unsubscribe` of it; the helper does not hear of its own changes (§7.1).

use serde_json::{Value, json};

use super::call::{Answer, ApiCall, object};
use super::user::well_formed;
use crate::callbacks::{Owner, carry_out};
use crate::errmsg::{Refusal, refusal};
use crate::state::State;
use crate::tokens::Caller;
use crate::world::{Action, Corp, Member, Placement};

pub(super) fn create(call: &ApiCall, caller: &Caller, state: &mut State) -> Answer {
    let userid = call.text("userid").ok_or_else(|| refusal(41009))?;
    if !well_formed(userid) {
        return Err(refusal(40003));
    }
    if known(caller, state, userid).is_some() {
        return Err(refusal(60102));
    }
    call.text("name").ok_or_else(|| refusal(60112))?;
    call.body.get("department").ok_or_else(|| refusal(60127))?;
    // Invited, not yet activated (§5.5).
    let mut member = Member {
        status: 4,
        ..Member::new(userid, "", &[])
    };
    fill(&mut member, call, caller, state)?;
    carry(caller, state, &Action::Add(member))?;
    Ok(object(json!({"errmsg": "created"})))
}

pub(super) fn update(call: &ApiCall, caller: &Caller, state: &mut State) -> Answer {
    let userid = call.text("userid").ok_or_else(|| refusal(41009))?;
    let mut member = known(caller, state, userid).ok_or_else(|| refusal(60111))?.clone();
    fill(&mut member, call, caller, state)?;
    if let Some(to) = call.text("new_userid") {
        if !well_formed(to) {
            return Err(refusal(40003));
        }
        let (userid, to) = (member.userid.clone(), to.to_owned());
        member.userid.clone_from(&to);
        carry(caller, state, &Action::Rename { userid, to })?;
    }
    carry(caller, state, &Action::Add(member))?;
    Ok(object(json!({"errmsg": "updated"})))
}

pub(super) fn delete(call: &ApiCall, caller: &Caller, state: &mut State) -> Answer {
    let userid = call.param("userid").ok_or_else(|| refusal(41009))?;
    known(caller, state, userid).ok_or_else(|| refusal(60111))?;
    let userid = userid.to_owned();
    carry(caller, state, &Action::Remove { userid })?;
    Ok(object(json!({"errmsg": "deleted"})))
}

fn corp<'a>(caller: &Caller, state: &'a State) -> Result<&'a Corp, Refusal> {
    state.world.corps.get(&caller.corp).ok_or_else(|| refusal(40013))
}

fn known<'a>(caller: &Caller, state: &'a State, userid: &str) -> Option<&'a Member> {
    corp(caller, state).ok()?.member(userid)
}

/// 60102: the userid is taken.
fn carry(caller: &Caller, state: &mut State, action: &Action) -> Result<(), Refusal> {
    let events = carry_out(state, &caller.corp, action).ok_or_else(|| refusal(60102))?;
    let to_apps = events.into_iter().filter(|(owner, _)| *owner != Owner::Contacts);
    let told = to_apps.map(|(owner, event)| (caller.corp.clone(), owner, event));
    state.outbox.extend(told);
    Ok(())
}

/// Takes the fields that the body has.
fn fill(member: &mut Member, call: &ApiCall, caller: &Caller, state: &State) -> Result<(), Refusal> {
    let private = &mut member.sensitive;
    let texts = [
        ("name", &mut member.name),
        ("position", &mut member.position),
        ("alias", &mut member.alias),
        ("telephone", &mut member.telephone),
        ("mobile", &mut private.mobile),
        ("email", &mut private.email),
        ("biz_mail", &mut private.biz_mail),
        ("gender", &mut private.gender),
        ("address", &mut private.address),
    ];
    for (key, field) in texts {
        if let Some(text) = call.body.get(key).and_then(Value::as_str) {
            text.clone_into(field);
        }
    }
    match (call.body.get("enable").and_then(Value::as_u64), member.status) {
        (Some(0), _) => member.status = 2,
        (Some(_), 2) => member.status = 1,
        _ => {}
    }
    if let Some(ids) = call.body.get("department") {
        member.departments = places(ids, call, corp(caller, state)?)
            .ok_or_else(|| refusal(state.world.switches.unknown_department_code))?;
        member.main_department = member.departments.first().map(|place| place.department);
    }
    if let Some(main) = number(call.body.get("main_department")) {
        member.main_department = Some(main);
    }
    Ok(())
}

/// The places of a member; `None` for an unknown department.
fn places(ids: &Value, call: &ApiCall, corp: &Corp) -> Option<Vec<Placement>> {
    let beside = |key: &str, at: usize| number(call.body.get(key)?.get(at));
    let place = |(at, id): (usize, &Value)| {
        let department = number(Some(id)).filter(|id| corp.departments.contains_key(id))?;
        Some(Placement {
            department,
            order: beside("order", at).unwrap_or_default(),
            leader: beside("is_leader_in_dept", at) == Some(1),
        })
    };
    ids.as_array()?.iter().enumerate().map(place).collect()
}

fn number(value: Option<&Value>) -> Option<u32> {
    value?.as_u64()?.try_into().ok()
}
