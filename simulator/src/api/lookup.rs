//! API `user/getuserid`, `user/get_userid_by_email`, `user/convert_to_openid`, `user/convert_to_userid` (reference §5.3).

use serde_json::{Value, json};

use super::call::{Answer, ApiCall, object, view};
use crate::errmsg::refusal;
use crate::state::State;
use crate::tokens::Caller;
use crate::world::Member;

pub(super) fn by_mobile(call: &ApiCall, caller: &Caller, state: &mut State) -> Answer {
    let mobile = call.text("mobile").ok_or_else(|| refusal(40063))?;
    if state.counters.lookups_blocked(&caller.corp, call.now) {
        return Err(refusal(45009));
    }
    let found = find(caller, state, |member| member.sensitive.mobile == mobile);
    if found.is_err() {
        let members = state.world.corps.get(&caller.corp).map(|corp| corp.members.len());
        state
            .counters
            .lookup_miss(&caller.corp, members.unwrap_or_default(), call.now);
    }
    found
}

pub(super) fn by_email(call: &ApiCall, caller: &Caller, state: &mut State) -> Answer {
    let email = call.text("email").ok_or_else(|| refusal(40063))?;
    let personal = match call.body.get("email_type").and_then(Value::as_u64) {
        None | Some(1) => false,
        Some(2) => true,
        Some(_) => return Err(refusal(40035)),
    };
    find(caller, state, |Member { sensitive, .. }| {
        let address = if personal {
            &sensitive.email
        } else {
            &sensitive.biz_mail
        };
        address.eq_ignore_ascii_case(email)
    })
}

/// The one visible member of whom this is true; 46004 for nobody and for somebody out of scope.
fn find(caller: &Caller, state: &mut State, is: impl Fn(&Member) -> bool) -> Answer {
    let view = view(state, caller)?;
    let mut members = view.corp.members.values();
    let found = members.find(|member| is(member) && view.sees(member));
    let member = found.ok_or_else(|| refusal(46004))?;
    Ok(object(json!({"userid": member.userid})))
}

pub(super) fn to_openid(call: &ApiCall, caller: &Caller, state: &mut State) -> Answer {
    let userid = call.text("userid").ok_or_else(|| refusal(41009))?;
    let member = view(state, caller)?.member(userid)?;
    if member.status == 4 {
        return Err(refusal(43004));
    }
    Ok(object(json!({"openid": openid(&caller.corp, &member.userid)})))
}

pub(super) fn to_userid(call: &ApiCall, caller: &Caller, state: &mut State) -> Answer {
    let wanted = call.text("openid").ok_or_else(|| refusal(40063))?;
    let found = find(caller, state, |member| openid(&caller.corp, &member.userid) == wanted);
    found.map_err(|_| refusal(40073))
}

/// The `openid` of a member, as in-app sign-ins of people who left have it.
fn openid(corp: &str, userid: &str) -> String {
    format!("oSim{corp}{userid}")
}
