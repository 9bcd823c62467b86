//! API of installations: pre-auth codes, permanent codes, what was authorised, corp tokens, administrators (reference §9.2, §9.4, §9.5).

use serde_json::{Map, Value, json};

use super::super::call::{Answer, ApiCall, number, object};
use super::install_info::{auth_info as info, corp_in_brief, corp_info, user_info};
use crate::errmsg::{Refusal, refusal};
use crate::state::State;
use crate::tokens::{Caller, Kind, LIFETIME};
use crate::world::open_ids::OpenIds;
use crate::world::{App, Corp, is_template};

pub(super) fn pre_auth_code(call: &ApiCall, suite_id: &str, state: &mut State) -> Answer {
    if is_template(suite_id) {
        return Err(refusal(48002));
    }
    let State { world, suites, rng, .. } = state;
    let seconds = world.switches.suites.pre_auth_code_seconds;
    let code = suites.codes.give_pre_auth(suite_id, call.now + seconds, rng);
    Ok(object(json!({"pre_auth_code": code, "expires_in": seconds})))
}

/// `auth_type` 1 is a test installation, which an unpublished suite needs.
pub(super) fn session_info(call: &ApiCall, suite_id: &str, state: &mut State) -> Answer {
    let code = call.text("pre_auth_code").ok_or_else(|| refusal(40077))?;
    state.suites.codes.pre_auth(suite_id, code, call.now)?;
    let asked = call.body.get("session_info");
    let auth_type = number(asked.and_then(|info| info.get("auth_type"))).unwrap_or_default();
    if auth_type > 1 {
        return Err(refusal(40058));
    }
    state.suites.codes.set_test(code, auth_type == 1);
    Ok(Map::new())
}

/// The first form, which also gives a token and all that was authorised.
pub(super) fn permanent_code(call: &ApiCall, suite_id: &str, state: &mut State) -> Answer {
    let (corpid, agentid, permanent_code) = exchanged(call, suite_id, state)?;
    let (ids, corp, app) = installed(state, &corpid, suite_id)?;
    let mut fields = object(json!({
        "permanent_code": permanent_code, "auth_corp_info": corp_info(corp, &ids), "auth_info": info(corp, app, &ids),
    }));
    more(&mut fields, state, &corpid, suite_id)?;
    if !is_template(suite_id) {
        let token = token(call, (&corpid, agentid), suite_id, permanent_code, state);
        fields.insert("access_token".to_owned(), json!(token));
        fields.insert("expires_in".to_owned(), json!(LIFETIME));
    }
    Ok(fields)
}

/// The second form: quick, and no more than needed.
pub(super) fn permanent_code_fast(call: &ApiCall, suite_id: &str, state: &mut State) -> Answer {
    let (corpid, _, permanent_code) = exchanged(call, suite_id, state)?;
    let (ids, corp, _) = installed(state, &corpid, suite_id)?;
    let mut fields = object(json!({
        "permanent_code": permanent_code, "auth_corp_info": corp_in_brief(corp, &ids),
    }));
    more(&mut fields, state, &corpid, suite_id)?;
    Ok(fields)
}

/// `auth_user_info` and `state`, as far as they are told.
fn more(fields: &mut Map<String, Value>, state: &State, corpid: &str, suite_id: &str) -> Result<(), Refusal> {
    let (ids, corp, app) = installed(state, corpid, suite_id)?;
    let switches = &state.world.switches.suites;
    fields.extend(user_info(corp, app, &ids, switches.auth_user_info).map(|info| ("auth_user_info".to_owned(), info)));
    let given = app
        .install
        .as_ref()
        .map(|install| install.state.clone())
        .unwrap_or_default();
    if switches.state_in_permanent_code && !given.is_empty() {
        fields.insert("state".to_owned(), json!(given));
    }
    Ok(())
}

/// Uses the auth code up; corpid, agentid and permanent code of the installation. 40078 also where the app was deleted since.
fn exchanged(call: &ApiCall, suite_id: &str, state: &mut State) -> Result<(String, u32, String), Refusal> {
    let code = call.text("auth_code").ok_or_else(|| refusal(41008))?;
    let code = state.suites.codes.take_auth(suite_id, code, call.now)?;
    let app = state
        .world
        .installed(&code.corp, suite_id)
        .ok_or_else(|| refusal(40078))?;
    let (agentid, permanent_code) = (app.agentid, app.credential().to_owned());
    Ok((code.corp, agentid, permanent_code))
}

fn installed<'a>(state: &'a State, corpid: &str, suite_id: &str) -> Result<(OpenIds, &'a Corp, &'a App), Refusal> {
    let world = &state.world;
    let ids = OpenIds::of_suite(world, suite_id).ok_or_else(|| refusal(40083))?;
    let corp = world.corps.get(corpid).ok_or_else(|| refusal(40013))?;
    let app = world.installed(corpid, suite_id);
    let app = app.ok_or_else(|| refusal(world.switches.suites.cancelled_code))?;
    Ok((ids, corp, app))
}

/// The corp that the call names; 40013 for an unknown one.
fn named(call: &ApiCall, suite_id: &str, state: &State) -> Result<String, Refusal> {
    let given = call.text("auth_corpid").ok_or_else(|| refusal(41002))?;
    let ids = OpenIds::of_suite(&state.world, suite_id).ok_or_else(|| refusal(40083))?;
    let corp = ids.corp(&state.world, given).ok_or_else(|| refusal(40013))?;
    Ok(corp.corpid.clone())
}

/// Checks the permanent code of the corp that the call names; corpid and agentid.
fn proven(call: &ApiCall, suite_id: &str, state: &State) -> Result<(String, u32), Refusal> {
    let code = call.text("permanent_code").ok_or_else(|| refusal(41025))?;
    let corpid = named(call, suite_id, state)?;
    let (_, _, app) = installed(state, &corpid, suite_id)?;
    if app.credential() != code {
        return Err(refusal(40084));
    }
    Ok((corpid, app.agentid))
}

pub(super) fn auth_info(call: &ApiCall, suite_id: &str, state: &mut State) -> Answer {
    let (corpid, _) = proven(call, suite_id, state)?;
    let (ids, corp, app) = installed(state, &corpid, suite_id)?;
    let mut fields = object(json!({"auth_corp_info": corp_info(corp, &ids), "auth_info": info(corp, app, &ids)}));
    more(&mut fields, state, &corpid, suite_id)?;
    Ok(fields)
}

pub(super) fn corp_token(call: &ApiCall, suite_id: &str, state: &mut State) -> Answer {
    if is_template(suite_id) && !state.world.switches.suites.template_gets_corp_token {
        return Err(refusal(48002));
    }
    let (corpid, agentid) = proven(call, suite_id, state)?;
    let code = call.text("permanent_code").unwrap_or_default().to_owned();
    let token = token(call, (&corpid, agentid), suite_id, code, state);
    Ok(object(json!({"access_token": token, "expires_in": LIFETIME})))
}

fn token(call: &ApiCall, (corp, agentid): (&str, u32), suite_id: &str, secret: String, state: &mut State) -> String {
    let caller = Caller {
        corp: corp.to_owned(),
        kind: Kind::App(agentid),
        secret,
        suite: Some(suite_id.to_owned()),
    };
    let reuse = state.world.switches.same_token_until_expiry;
    state.tokens.fetch(caller, call.now, reuse, &mut state.rng).0
}

/// The app's administrators; none of a member's installation (§9.5).
pub(super) fn admin_list(call: &ApiCall, suite_id: &str, state: &mut State) -> Answer {
    let corpid = named(call, suite_id, state)?;
    let (ids, corp, app) = installed(state, &corpid, suite_id)?;
    if number(call.body.get("agentid")) != Some(u64::from(app.agentid)) {
        return Err(refusal(40056));
    }
    Ok(super::install_info::admins(corp, app, &ids))
}
