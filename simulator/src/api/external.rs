//! API `externalcontact/get_follow_user_list`, `externalcontact/list`, `externalcontact/get` (reference §8).

use serde_json::{Value, json};

use super::call::{Answer, ApiCall, object, view};
use crate::errmsg::refusal;
use crate::policy::View;
use crate::state::State;
use crate::tokens::Caller;

pub(super) fn follow_users(_: &ApiCall, caller: &Caller, state: &mut State) -> Answer {
    let view = view(state, caller)?;
    let users = view.only_visible(&view.corp.customer_contact.users);
    Ok(object(json!({"follow_user": users})))
}

/// Whether one of the followers is visible to the caller.
fn followed<'a>(view: &View<'_>, followers: &'a [String]) -> Vec<&'a String> {
    followers.iter().filter(|userid| view.sees_userid(userid)).collect()
}

pub(super) fn list(call: &ApiCall, caller: &Caller, state: &mut State) -> Answer {
    let userid = call.param("userid").ok_or_else(|| refusal(41009))?;
    let view = view(state, caller)?;
    let member = view.member(userid)?;
    let customers = view.corp.customer_contact.customers.iter();
    let is = |userid: &&String| userid.eq_ignore_ascii_case(&member.userid);
    let own = customers.filter(|(_, customer)| followed(&view, &customer.followers).iter().any(is));
    let ids: Vec<&String> = own.map(|(id, _)| id).collect();
    if ids.is_empty() {
        return Err(refusal(84061));
    }
    Ok(object(json!({"external_userid": ids})))
}

pub(super) fn get(call: &ApiCall, caller: &Caller, state: &mut State) -> Answer {
    let id = call.param("external_userid").ok_or_else(|| refusal(40096))?;
    let view = view(state, caller)?;
    let customer = view
        .corp
        .customer_contact
        .customers
        .get(id)
        .ok_or_else(|| refusal(40096))?;
    let followers = followed(&view, &customer.followers);
    if followers.is_empty() {
        return Err(refusal(40096));
    }
    let follow = |userid: &&String| {
        json!({
            "userid": userid, "remark": "", "description": "", "createtime": 0, "tags": [], "remark_mobiles": [],
            "add_way": 0, "state": "",
        })
    };
    let follow: Vec<Value> = followers.iter().map(follow).collect();
    Ok(object(json!({
        "external_contact": {"external_userid": id, "name": customer.name, "type": customer.kind, "gender": 0},
        "follow_user": follow,
    })))
}
