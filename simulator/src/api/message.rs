//! API `message/send` (reference §10): delivers to the simulator's message box, names who could not be reached.
//!
//! Not here: cards with buttons, media, recall, the duplicate check.

use serde_json::{Value, json};

use super::call::{Answer, ApiCall, object, view};
use crate::errmsg::{Refusal, hex, refusal};
use crate::policy::View;
use crate::state::{Message, State};
use crate::tokens::{Caller, Kind};

/// Messages kept in the box.
const KEPT: usize = 1000;

#[derive(Default)]
struct Receivers {
    userids: Vec<String>,
    invalid_users: Vec<String>,
    invalid_parties: Vec<String>,
    invalid_tags: Vec<String>,
}

pub(super) fn send(call: &ApiCall, caller: &Caller, state: &mut State) -> Answer {
    let Kind::App(own) = caller.kind else {
        return Err(refusal(48002));
    };
    let agentid = number(call.body.get("agentid")).ok_or_else(|| refusal(41011))?;
    if agentid != own {
        return Err(refusal(301_002));
    }
    let msgtype = call
        .body
        .get("msgtype")
        .and_then(Value::as_str)
        .ok_or_else(|| refusal(40063))?
        .to_owned();
    let content = call.body.get(&msgtype).cloned().ok_or_else(|| refusal(40063))?;
    let receivers = receivers(&call.body, &view(state, caller)?)?;
    if receivers.userids.is_empty() {
        return Err(refusal(81013));
    }
    for userid in &receivers.userids {
        let free = state
            .counters
            .message(&caller.corp, own, userid, call.now, &state.world.limits);
        if free {
            state.messages.push_back(Message {
                corp: caller.corp.clone(),
                agentid: own,
                userid: userid.clone(),
                msgtype: msgtype.clone(),
                content: content.clone(),
                at: call.now,
            });
        }
    }
    while state.messages.len() > KEPT {
        state.messages.pop_front();
    }
    Ok(object(json!({
        "invaliduser": receivers.invalid_users.join("|"), "invalidparty": receivers.invalid_parties.join("|"),
        "invalidtag": receivers.invalid_tags.join("|"), "msgid": hex(&mut state.rng, 32),
    })))
}

fn number(value: Option<&Value>) -> Option<u32> {
    let value = value?;
    value
        .as_u64()
        .and_then(|n| n.try_into().ok())
        .or_else(|| value.as_str()?.parse().ok())
}

fn receivers(body: &Value, view: &View<'_>) -> Result<Receivers, Refusal> {
    let split = |key: &str| -> Vec<String> {
        let text = body.get(key).and_then(Value::as_str).unwrap_or_default();
        text.split('|')
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let (users, parties, tags) = (split("touser"), split("toparty"), split("totag"));
    if users.is_empty() && parties.is_empty() && tags.is_empty() {
        return Err(refusal(82001));
    }
    if users.len() > 1000 {
        return Err(refusal(40032));
    }
    let mut found = Receivers::default();
    if users.iter().any(|user| user == "@all") {
        let all = view.corp.members.values().filter(|member| view.sees(member));
        found.userids = all.map(|member| member.userid.clone()).collect();
        return Ok(found);
    }
    for user in users {
        match view.member(&user) {
            Ok(member) => found.userids.push(member.userid.clone()),
            Err(_) => found.invalid_users.push(user.to_lowercase()),
        }
    }
    parties.into_iter().for_each(|party| add_party(party, view, &mut found));
    tags.into_iter().for_each(|tag| add_tag(tag, view, &mut found));
    found.userids.sort_unstable();
    found.userids.dedup();
    Ok(found)
}

fn add_party(party: String, view: &View<'_>, found: &mut Receivers) {
    let Some(id) = party.parse().ok().filter(|id| view.sees_department(*id)) else {
        found.invalid_parties.push(party);
        return;
    };
    let keys = view
        .index
        .subtree(id)
        .into_iter()
        .flat_map(|id| view.index.members_of(id));
    let members = keys.filter_map(|key| view.corp.members.get(key));
    found.userids.extend(members.map(|member| member.userid.clone()));
}

fn add_tag(tag: String, view: &View<'_>, found: &mut Receivers) {
    let Some(known) = tag.parse().ok().and_then(|id: u32| view.corp.tags.get(&id)) else {
        found.invalid_tags.push(tag);
        return;
    };
    let tagged = known
        .users
        .iter()
        .filter_map(|userid| view.corp.member(userid))
        .filter(|m| view.sees(m));
    found.userids.extend(tagged.map(|member| member.userid.clone()));
    known
        .parties
        .iter()
        .for_each(|party| add_party(party.to_string(), view, found));
}
