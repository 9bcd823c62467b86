//! Checks before an API call is carried out: frequency limit, token, app state, caller IP, kind of secret.

use super::call::ApiCall;
use crate::{
    errmsg::{Refusal, refusal},
    policy::{Right, permit},
    state::State,
    tokens::{Caller, Kind},
    world::{App, FaultSecret},
};

pub(super) fn corp_of(call: &ApiCall, state: &State) -> Option<String> {
    let by_token = call.param("access_token").and_then(|token| state.tokens.corp_of(token));
    by_token.or_else(|| call.param("corpid")).map(str::to_owned)
}

/// The kind of secret behind the call's token.
pub(super) fn secret_of(call: &ApiCall, state: &State) -> Option<FaultSecret> {
    authenticate(call, state).ok().map(|caller| match caller.kind {
        Kind::App(_) => FaultSecret::App,
        Kind::Contacts | Kind::Customers => FaultSecret::Contacts,
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
    let secret = match caller.kind {
        Kind::Contacts => corp.contacts_secret.as_deref(),
        Kind::Customers => corp.customer_contact.secret.as_deref(),
        Kind::App(agentid) => {
            let app = app_of(caller, agentid, state)?;
            if app.closed {
                return Err(refusal(50003));
            }
            if app.disused {
                return Err(refusal(state.world.switches.disused_code));
            }
            Some(app.credential())
        }
    };
    if secret != Some(caller.secret.as_str()) {
        return Err(refusal(40001));
    }
    if !trusts(trusted(caller, state), &call.ip) {
        return Err(refusal(60020));
    }
    permit(right, caller.kind, corp, &state.world.switches)
}

/// The app of the token; of one that was deleted the token is gone too.
fn app_of<'a>(caller: &Caller, agentid: u32, state: &'a State) -> Result<&'a App, Refusal> {
    let app = state.app(&caller.corp, agentid);
    match &caller.suite {
        Some(suite) => {
            let gone = state.world.switches.suites.cancelled_token_code;
            app.filter(|app| app.is_of(suite)).ok_or_else(|| refusal(gone))
        }
        None => app.ok_or_else(|| refusal(40014)),
    }
}

/// The IPs from which calls are taken; `None` = all.
pub(super) fn trusted<'a>(caller: &Caller, state: &'a State) -> Option<&'a [String]> {
    let corp = state.world.corps.get(&caller.corp)?;
    match caller.kind {
        Kind::Contacts => corp.contacts_trusted_ips.as_deref(),
        Kind::Customers => None,
        Kind::App(agentid) => match state.world.suite_of(&caller.corp, agentid) {
            Some(suite) => state.world.providers.get(&suite.provider)?.trusted_ips.as_deref(),
            None => corp.apps.get(&agentid)?.trusted_ips.as_deref(),
        },
    }
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
