//! Conversion of ids: `batch/userid_to_openuserid`, `batch/openuserid_to_userid`, `service/corpid_to_opencorpid` (reference §5.6).

use std::collections::HashMap;

use serde_json::{Value, json};

use super::super::call::{Answer, ApiCall, number, object, view};
use super::install_info;
use crate::errmsg::{Refusal, refusal};
use crate::state::State;
use crate::tokens::{Caller, Kind};
use crate::world::open_ids::{OpenIds, open_corpid};

/// Ids of one call.
const MOST: usize = 1000;

fn list(call: &ApiCall, key: &str) -> Result<Vec<String>, Refusal> {
    let given = call
        .body
        .get(key)
        .and_then(Value::as_array)
        .ok_or_else(|| refusal(40063))?;
    if given.len() > MOST {
        return Err(refusal(40032));
    }
    Ok(given.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

/// Plain userids to those of the provider, with the corp token of an installed app. Members whom it does not see are invalid.
pub(in crate::api) fn to_open(call: &ApiCall, caller: &Caller, state: &mut State) -> Answer {
    let suite = caller.suite.as_ref().ok_or_else(|| refusal(48002))?;
    let ids = OpenIds::of_suite(&state.world, suite).ok_or_else(|| refusal(40083))?;
    let given = list(call, "userid_list")?;
    let view = view(state, caller)?;
    let (mut rows, mut invalid) = (Vec::new(), Vec::new());
    for userid in given {
        match view.corp.member(&userid).filter(|member| view.sees(member)) {
            Some(member) => {
                let open = ids.open(&caller.corp, member);
                rows.push(json!({"userid": userid, "open_userid": open}));
            }
            None => invalid.push(userid),
        }
    }
    Ok(object(
        json!({"open_userid_list": rows, "invalid_userid_list": invalid}),
    ))
}

/// Back to plain userids, with the token of a self-built or basic app, for members whom both apps see. 60221: an id of another provider.
pub(in crate::api) fn to_plain(call: &ApiCall, caller: &Caller, state: &mut State) -> Answer {
    if caller.suite.is_some() {
        return Err(refusal(48002));
    }
    let source = number(call.body.get("source_agentid")).and_then(|id| u32::try_from(id).ok());
    let source = source.ok_or_else(|| refusal(41011))?;
    let given = list(call, "open_userid_list")?;
    let suite = state
        .world
        .suite_of(&caller.corp, source)
        .ok_or_else(|| refusal(40056))?;
    let (provider, suite_id) = (suite.provider.clone(), suite.suite_id.clone());
    let ids = OpenIds::of_suite(&state.world, &suite_id).ok_or_else(|| refusal(40083))?;
    let others = state.world.suites.values().filter(|suite| suite.provider != provider);
    let others: Vec<OpenIds> = others
        .filter_map(|suite| OpenIds::of_suite(&state.world, &suite.suite_id))
        .collect();
    let view = view(state, caller)?;
    let members = || view.corp.members.values();
    let mut elsewhere = others
        .iter()
        .flat_map(|ids| members().map(|member| ids.open(&caller.corp, member)));
    if elsewhere.any(|open| given.contains(&open)) {
        return Err(refusal(60221));
    }
    let reach = view.index.readable(source);
    let both = members().filter(|member| view.sees(member) && reach.is_some_and(|reach| reach.holds(member)));
    let known: HashMap<String, &str> = both
        .map(|member| (ids.open(&caller.corp, member), member.userid.as_str()))
        .collect();
    let (mut rows, mut invalid) = (Vec::new(), Vec::new());
    for open in given {
        match known.get(&open) {
            Some(userid) => rows.push(json!({"userid": userid, "open_userid": open})),
            None => invalid.push(open),
        }
    }
    Ok(object(
        json!({"userid_list": rows, "invalid_open_userid_list": invalid}),
    ))
}

/// A plain corpid to that of the provider.
pub(super) fn corpid(call: &ApiCall, provider: &str, state: &mut State) -> Answer {
    let corpid = call.text("corpid").ok_or_else(|| refusal(41002))?;
    let corp = state.world.corps.get(corpid).ok_or_else(|| refusal(40013))?;
    Ok(object(json!({"open_corpid": open_corpid(provider, &corp.corpid)})))
}

/// `agent/get_permissions`, for installed apps.
pub(in crate::api) fn permissions(_: &ApiCall, caller: &Caller, state: &mut State) -> Answer {
    let Kind::App(agentid) = caller.kind else {
        return Err(refusal(48002));
    };
    let app = state.app(&caller.corp, agentid).filter(|app| app.install.is_some());
    let app = app.ok_or_else(|| refusal(48002))?;
    Ok(install_info::permissions(&state.world, app))
}

/// `agent/get_admin_list`, for apps from a template.
pub(in crate::api) fn template_admins(_: &ApiCall, caller: &Caller, state: &mut State) -> Answer {
    let Kind::App(agentid) = caller.kind else {
        return Err(refusal(48002));
    };
    let app = state.app(&caller.corp, agentid).ok_or_else(|| refusal(40056))?;
    let ids = OpenIds::of_app(&state.world, app).ok_or_else(|| refusal(48002))?;
    let corp = state.world.corps.get(&caller.corp).ok_or_else(|| refusal(40013))?;
    Ok(install_info::admins(corp, app, &ids))
}
