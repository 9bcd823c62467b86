//! API `auth/getuserinfo`, its legacy twin `user/getuserinfo`, and `auth/getuserdetail` (reference §3.1–3.3).
//!
//! The userid comes back **whatever the visible scope says**: checking it is the relying party's work.

use serde_json::{Map, Value, json};

use super::call::{Answer, ApiCall, object, view};
use crate::codes::{Consent, Grant, Visitor};
use crate::errmsg::{Refusal, refusal};
use crate::redirects::allowed_for_exchange;
use crate::state::State;
use crate::tokens::{Caller, Kind};
use crate::world::{Field, MissingField};

pub(super) fn get_user_info(call: &ApiCall, caller: &Caller, state: &mut State) -> Answer {
    let (grant, agentid) = redeem(call, caller, state)?;
    let ticket = user_ticket(&grant, agentid, call.now, state);
    let mut fields = match grant.visitor {
        Visitor::Member(userid) | Visitor::Linked(userid) => object(json!({"userid": userid})),
        Visitor::Outsider {
            openid,
            external_userid,
        } => outsider("openid", &openid, external_userid),
    };
    fields.extend(ticket);
    Ok(fields)
}

/// The legacy reply: other letter case of its keys, and a `DeviceId`.
pub(super) fn get_user_info_legacy(call: &ApiCall, caller: &Caller, state: &mut State) -> Answer {
    let (grant, agentid) = redeem(call, caller, state)?;
    let ticket = user_ticket(&grant, agentid, call.now, state);
    let mut fields = match grant.visitor {
        Visitor::Member(userid) | Visitor::Linked(userid) => object(json!({"UserId": userid})),
        Visitor::Outsider {
            openid,
            external_userid,
        } => outsider("OpenId", &openid, external_userid),
    };
    fields.insert("DeviceId".to_owned(), json!(""));
    if !ticket.is_empty() {
        let seconds = state.world.switches.private_info.ticket_seconds;
        fields.insert("expires_in".to_owned(), json!(seconds));
    }
    fields.extend(ticket);
    Ok(fields)
}

fn outsider(key: &str, openid: &str, external_userid: Option<String>) -> Map<String, Value> {
    let external = external_userid.map(|id| ("external_userid".to_owned(), json!(id)));
    Map::from_iter(std::iter::once((key.to_owned(), json!(openid))).chain(external))
}

/// Redeems a code. Whether an untrusted host uses the code up is not published; here the code survives 50001 and only a good exchange takes
/// it.
fn redeem(call: &ApiCall, caller: &Caller, state: &mut State) -> Result<(Grant, u32), Refusal> {
    let code = call.param("code").ok_or_else(|| refusal(41008))?;
    let Kind::App(agentid) = caller.kind else {
        return Err(refusal(48002));
    };
    let grant = state.codes.peek(code, call.now).ok_or_else(|| refusal(40029))?;
    if grant.corp != caller.corp {
        return Err(refusal(40029));
    }
    let app = state.app(&caller.corp, agentid).ok_or_else(|| refusal(40056))?;
    if !allowed_for_exchange(app, &grant.host, &state.world.switches) {
        return Err(refusal(50001));
    }
    if grant.agentid.is_some_and(|owner| owner != agentid) {
        return Err(refusal(40029));
    }
    state.codes.take(code, call.now).map(|grant| (grant, agentid))
}

/// Uses the code up after an exchange that failed for its token, if so set: whether the code survives is a switch (§1.3).
pub(super) fn lose_code(call: &ApiCall, state: &mut State) {
    let exchange = call.path.ends_with("/getuserinfo");
    if let Some(code) = call
        .param("code")
        .filter(|_| exchange && !state.world.switches.code_survives_token_error)
    {
        let _gone = state.codes.take(code, call.now);
    }
}

/// `user_ticket` for members in scope who came through `snsapi_privateinfo`.
fn user_ticket(grant: &Grant, agentid: u32, now: u64, state: &mut State) -> Map<String, Value> {
    let (Visitor::Member(userid), Some(fields)) = (&grant.visitor, &grant.consented) else {
        return Map::new();
    };
    if !state.in_scope(&grant.corp, agentid, userid) {
        return Map::new();
    }
    let consent = Consent {
        corp: grant.corp.clone(),
        agentid,
        userid: userid.clone(),
        fields: fields.clone(),
    };
    let seconds = state.world.switches.private_info.ticket_seconds;
    let ticket = state.codes.keep_consent(consent, (now, seconds), &mut state.rng);
    let mut fields = object(json!({"user_ticket": ticket}));
    if state.world.switches.user_ticket_shows_expiry {
        fields.insert("expires_in".to_owned(), json!(seconds));
    }
    fields
}

pub(super) fn get_user_detail(call: &ApiCall, caller: &Caller, state: &mut State) -> Answer {
    let ticket = call
        .body
        .get("user_ticket")
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty());
    let ticket = ticket.ok_or_else(|| refusal(84090))?;
    let (unknown, once) = {
        let switches = &state.world.switches.private_info;
        (switches.unknown_ticket_code, switches.ticket_works_once)
    };
    let consent = state.codes.consent(ticket, call.now, unknown)?;
    if consent.corp != caller.corp || caller.kind != Kind::App(consent.agentid) {
        return Err(refusal(unknown));
    }
    if once {
        state.codes.spend(ticket);
    }
    let ticked = state
        .app(&caller.corp, consent.agentid)
        .map(|app| app.consent_fields.clone())
        .unwrap_or_default();
    let view = view(state, caller)?;
    let member = view.member(&consent.userid)?;
    let given = |field: &Field| consent.fields.contains(field) && ticked.contains(field);
    let mut fields = object(json!({
        "userid": member.userid, "gender": "0", "avatar": "https://p.example/default/0",
    }));
    let empty = view.switches.missing_sensitive == MissingField::Empty;
    for field in Field::ALL {
        let value = member.sensitive.get(field);
        if given(&field) && !value.is_empty() {
            fields.insert(field.key().to_owned(), json!(value));
        } else if empty {
            fields.entry(field.key()).or_insert_with(|| json!(""));
        }
    }
    Ok(fields)
}
