//! API `service/get_suite_token`, `service/get_provider_token` (reference §9.1).

use serde_json::json;

use super::super::admission::trusts;
use super::super::call::{Answer, ApiCall, object};
use crate::errmsg::refusal;
use crate::state::State;
use crate::suites::Holder;
use crate::tokens::LIFETIME;

pub(super) fn of_suite(call: &ApiCall, state: &mut State) -> Answer {
    let suite_id = call.text("suite_id").ok_or_else(|| refusal(41021))?;
    let secret = call.text("suite_secret").ok_or_else(|| refusal(41024))?;
    let ticket = call.text("suite_ticket").ok_or_else(|| refusal(41023))?;
    let State { world, suites, rng, .. } = state;
    let suite = world.suites.get(suite_id).ok_or_else(|| refusal(40083))?;
    if suite.secret != secret {
        return Err(refusal(40080));
    }
    let provider = world.providers.get(&suite.provider);
    if !trusts(provider.and_then(|provider| provider.trusted_ips.as_deref()), &call.ip) {
        return Err(refusal(60020));
    }
    if !suites.tickets.is_good(suite_id, ticket, call.now) {
        return Err(refusal(40085));
    }
    let holder = Holder::Suite(suite_id.to_owned());
    let reuse = world.switches.same_token_until_expiry;
    let token = suites.tokens.fetch(holder, secret, call.now, reuse, rng);
    Ok(object(json!({"suite_access_token": token, "expires_in": LIFETIME})))
}

pub(super) fn of_provider(call: &ApiCall, state: &mut State) -> Answer {
    let corpid = call.text("corpid").ok_or_else(|| refusal(41002))?;
    let secret = call.text("provider_secret").ok_or_else(|| refusal(41004))?;
    let State { world, suites, rng, .. } = state;
    let provider = world.providers.get(corpid).ok_or_else(|| refusal(40013))?;
    if provider.secret != secret {
        return Err(refusal(40001));
    }
    if !trusts(provider.trusted_ips.as_deref(), &call.ip) {
        return Err(refusal(60020));
    }
    let holder = Holder::Provider(corpid.to_owned());
    let reuse = world.switches.same_token_until_expiry;
    let token = suites.tokens.fetch(holder, secret, call.now, reuse, rng);
    Ok(object(json!({"provider_access_token": token, "expires_in": LIFETIME})))
}
