//! API `service/auth/getuserinfo3rd`, `service/auth/getuserdetail3rd` (reference §9.8).
//!
//! Members of **any** corp come back, also of those which did not install the suite: checking it is the relying party's work.

use serde_json::{Map, Value, json};

use super::super::call::{Answer, ApiCall, object};
use crate::codes::Visitor;
use crate::errmsg::{Refusal, refusal};
use crate::redirects::fits;
use crate::state::State;
use crate::suites::{Login, SUITE_TICKET_LIFETIME, SuiteConsent};
use crate::world::open_ids::OpenIds;
use crate::world::{Corp, Field, Member, Suite};

/// The suite with the ids of its provider.
fn suite<'a>(state: &'a State, suite_id: &str) -> Result<(&'a Suite, OpenIds), Refusal> {
    let found = state
        .world
        .suites
        .get(suite_id)
        .zip(OpenIds::of_suite(&state.world, suite_id));
    found.ok_or_else(|| refusal(40083))
}

pub(super) fn user_info(call: &ApiCall, suite_id: &str, state: &mut State) -> Answer {
    let code = call.param("code").ok_or_else(|| refusal(41008))?;
    let login = state.suites.codes.login(suite_id, code, call.now)?;
    let (suite, ids) = suite(state, suite_id)?;
    let switches = &state.world.switches;
    let domains = [&suite.login_domain, &suite.trusted_domain];
    if !domains
        .into_iter()
        .any(|domain| fits(domain.as_ref(), &login.host, switches))
    {
        return Err(refusal(50001));
    }
    state.suites.codes.spend_login(code, call.now);
    match &login.visitor {
        Visitor::Member(userid) => {
            let member = member(state, &login.corp, userid)?;
            let mut fields = told(state, suite_id, &ids, member);
            fields.extend(user_ticket(&login, call.now, state));
            Ok(fields)
        }
        Visitor::Outsider { openid, .. } => Ok(object(json!({"openid": openid}))),
        Visitor::Linked(userid) => Ok(object(json!({"userid": userid}))),
    }
}

fn member<'a>(state: &'a State, corp: &str, userid: &str) -> Result<(&'a Corp, &'a Member), Refusal> {
    let corp = state.world.corps.get(corp).ok_or_else(|| refusal(40029))?;
    let member = corp.member(userid).ok_or_else(|| refusal(40029))?;
    Ok((corp, member))
}

/// Ids of a member: encrypted where the corp has not installed the suite, else as the id upgrade says.
fn told(state: &State, suite_id: &str, ids: &OpenIds, (corp, member): (&Corp, &Member)) -> Map<String, Value> {
    let open = ids.open(&corp.corpid, member);
    let userid = match state.world.installed(&corp.corpid, suite_id) {
        Some(_) => ids.told(&corp.corpid, member),
        None => open.clone(),
    };
    object(json!({"corpid": ids.corpid(&corp.corpid), "userid": userid, "open_userid": open}))
}

/// `user_ticket` for members in scope who came through `snsapi_privateinfo`.
fn user_ticket(login: &Login, now: u64, state: &mut State) -> Map<String, Value> {
    let (Visitor::Member(userid), Some(fields)) = (&login.visitor, &login.consented) else {
        return Map::new();
    };
    let app = state
        .world
        .installed(&login.corp, &login.suite_id)
        .map(|app| app.agentid);
    if !app.is_some_and(|agentid| state.in_scope(&login.corp, agentid, userid)) {
        return Map::new();
    }
    let consent = SuiteConsent {
        suite_id: login.suite_id.clone(),
        corp: login.corp.clone(),
        userid: userid.clone(),
        fields: fields.clone(),
    };
    let State { suites, rng, .. } = state;
    let ticket = suites.codes.keep_consent(consent, now, rng);
    object(json!({"user_ticket": ticket, "expires_in": SUITE_TICKET_LIFETIME}))
}

/// What a suite gets of a member's consent: never mobile, e-mail or address.
pub(super) fn user_detail(call: &ApiCall, suite_id: &str, state: &mut State) -> Answer {
    let ticket = call.text("user_ticket").ok_or_else(|| refusal(84090))?;
    let consent = state.suites.codes.consent(suite_id, ticket, call.now)?;
    let (_, ids) = suite(state, suite_id)?;
    let app = state.world.installed(&consent.corp, suite_id).map(|app| app.agentid);
    if !app.is_some_and(|agentid| state.in_scope(&consent.corp, agentid, &consent.userid)) {
        return Err(refusal(60111));
    }
    let (corp, member) = member(state, &consent.corp, &consent.userid).map_err(|_| refusal(60111))?;
    let mut fields = told(state, suite_id, &ids, (corp, member));
    fields.remove("open_userid");
    fields.extend(object(
        json!({"name": ids.told(&corp.corpid, member), "gender": "0", "avatar": "https://p.example/default/0"}),
    ));
    let given = [Field::Gender, Field::Avatar, Field::QrCode].into_iter();
    for field in given.filter(|field| consent.fields.contains(field)) {
        let value = member.sensitive.get(field);
        if !value.is_empty() {
            fields.insert(field.key().to_owned(), json!(value));
        }
    }
    Ok(fields)
}
