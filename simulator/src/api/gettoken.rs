//! API `gettoken` (reference §1.2).

use serde_json::json;

use super::{
    admission::{frequency, trusted, trusts},
    call::{Answer, ApiCall, object},
};
use crate::errmsg::{Refusal, refusal};
use crate::state::State;
use crate::tokens::{Caller, Kind, LIFETIME};
use crate::world::Switches;

pub(super) fn get(call: &ApiCall, state: &mut State) -> Answer {
    let corpid = call.param("corpid").ok_or_else(|| refusal(41002))?;
    let secret = call.param("corpsecret").ok_or_else(|| refusal(41004))?;
    frequency(call, state)?;
    if state.counters.ip_blocked(&call.ip, call.now) {
        return Err(refusal(45009));
    }
    let caller = find(corpid, secret, state).inspect_err(|_| {
        let State { counters, world, .. } = state;
        counters.wrong_secret(&call.ip, call.now, &world.limits);
    })?;
    if state.world.switches.gettoken_checks_ip && !trusts(trusted(&caller, state), &call.ip) {
        return Err(refusal(60020));
    }
    let Switches {
        same_token_until_expiry: reuse,
        expires_in_counts_down: counts_down,
        ..
    } = state.world.switches;
    let (token, left) = state.tokens.fetch(caller, call.now, reuse, &mut state.rng);
    let told = if counts_down { left } else { LIFETIME };
    Ok(object(json!({"access_token": token, "expires_in": told})))
}

/// Finds whom a secret belongs to: 40013 unknown corp, 40091 secret of another corp, 40001 wrong secret or disabled app.
fn find(corpid: &str, secret: &str, state: &State) -> Result<Caller, Refusal> {
    // A template is told the corpid as its provider knows it, and asks by that (§9.5).
    let corp = state.world.corp_named(corpid).ok_or_else(|| refusal(40013))?;
    let caller = |kind| Caller {
        corp: corp.corpid.clone(),
        kind,
        secret: secret.to_owned(),
        suite: None,
    };
    if corp.contacts_secret.as_deref() == Some(secret) {
        return Ok(caller(Kind::Contacts));
    }
    if corp.customer_contact.secret.as_deref() == Some(secret) {
        return Ok(caller(Kind::Customers));
    }
    let mut own = corp.apps.values().filter(|app| app.is_of_the_corp());
    if let Some(app) = own.find(|app| app.credential() == secret) {
        return if app.closed {
            Err(refusal(40001))
        } else {
            Ok(caller(Kind::App(app.agentid)))
        };
    }
    let elsewhere = state.world.corps.values().any(|other| {
        other.contacts_secret.as_deref() == Some(secret) || other.apps.values().any(|app| app.secret == secret)
    });
    Err(refusal(if elsewhere { 40091 } else { 40001 }))
}
