//! Checks before an API call is carried out: frequency limit, token, app state, caller IP, kind of secret.

use super::call::ApiCall;
use crate::{
    errmsg::{Refusal, refusal},
    policy::{Right, permit},
    state::State,
    tokens::{Caller, Kind},
    world::FaultSecret,
};

pub(super) fn corp_of(call: &ApiCall, state: &State) -> Option<String> {
    let by_token = call.param("access_token").and_then(|token| state.tokens.corp_of(token));
    by_token.or_else(|| call.param("corpid")).map(str::to_owned)
}

/// The kind of secret behind the call's token.
pub(super) fn secret_of(call: &ApiCall, state: &State) -> Option<FaultSecret> {
    authenticate(call, state).ok().map(|caller| match caller.kind {
        Kind::App(_) => FaultSecret::App,
        Kind::Contacts => FaultSecret::Contacts,
    })
}

/// Counts the call; 45009 over the frequency limit. An identity exchange with a valid code is exempt (§12).
pub(super) fn frequency(call: &ApiCall, state: &mut State) -> Result<(), Refusal> {
    let valid_code = call
        .param("code")
        .is_some_and(|code| state.codes.peek(code, call.now).is_some());
    if valid_code && call.path == "/cgi-bin/auth/getuserinfo" {
        return Ok(());
    }
    let corp = corp_of(call, state);
    let free = state
        .counters
        .call(corp.as_deref(), &call.ip, &call.path, call.now, &state.world.limits);
    if free { Ok(()) } else { Err(refusal(45009)) }
}

pub(super) fn authenticate(call: &ApiCall, state: &State) -> Result<Caller, Refusal> {
    let token = call.param("access_token").ok_or_else(|| refusal(41001))?;
    state
        .tokens
        .check(token, call.now, state.world.switches.expired_token_code)
        .cloned()
}

/// Checks app state, reset secret, caller IP and kind of secret.
pub(super) fn admit(caller: &Caller, call: &ApiCall, right: Right, state: &State) -> Result<(), Refusal> {
    let corp = state.world.corps.get(&caller.corp).ok_or_else(|| refusal(40013))?;
    let (secret, trusted) = match caller.kind {
        Kind::Contacts => (corp.contacts_secret.as_ref(), corp.contacts_trusted_ips.as_deref()),
        Kind::App(agentid) => {
            let app = corp.apps.get(&agentid).ok_or_else(|| refusal(40014))?;
            if app.closed {
                return Err(refusal(50003));
            }
            if app.disused {
                return Err(refusal(state.world.switches.disused_code));
            }
            (Some(&app.secret), app.trusted_ips.as_deref())
        }
    };
    if secret != Some(&caller.secret) {
        return Err(refusal(40001));
    }
    if !trusts(trusted, &call.ip) {
        return Err(refusal(60020));
    }
    permit(right, caller.kind, corp, &state.world.switches)
}

pub(super) fn trusts(list: Option<&[String]>, ip: &str) -> bool {
    list.is_none_or(|list| {
        list.iter().any(|entry| {
            entry
                .strip_suffix('*')
                .map_or(entry == ip, |start| ip.starts_with(start))
        })
    })
}
