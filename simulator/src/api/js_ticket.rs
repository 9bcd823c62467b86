//! API `get_jsapi_ticket`, `ticket/get`: tickets that sign pages for WeCom's script (reference §11).

use serde_json::json;

use super::call::{Answer, ApiCall, object};
use crate::errmsg::refusal;
use crate::state::State;
use crate::tokens::{Caller, Kind};

pub(super) fn of_corp(call: &ApiCall, caller: &Caller, state: &mut State) -> Answer {
    let Kind::App(agentid) = caller.kind else {
        return Err(refusal(48002));
    };
    let State { counters, world, .. } = state;
    if !counters.js_ticket(&caller.corp, agentid, call.now, &world.limits) {
        return Err(refusal(45009));
    }
    ticket(None, call, caller, state)
}

pub(super) fn of_app(call: &ApiCall, caller: &Caller, state: &mut State) -> Answer {
    match (call.param("type"), caller.kind) {
        (Some("agent_config"), Kind::App(agentid)) => ticket(Some(agentid), call, caller, state),
        _ => Err(refusal(40035)),
    }
}

fn ticket(agentid: Option<u32>, call: &ApiCall, caller: &Caller, state: &mut State) -> Answer {
    let State { tokens, rng, .. } = state;
    let (ticket, left) = tokens.js_ticket((caller.corp.clone(), agentid), call.now, rng);
    Ok(object(json!({"ticket": ticket, "expires_in": left})))
}
