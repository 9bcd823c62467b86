//! API `agent/get`, `agent/list`: the app as its own token sees it (reference §4.1).

use serde_json::{Map, Value, json};

use super::call::{Answer, ApiCall, object};
use crate::errmsg::{Refusal, refusal};
use crate::state::State;
use crate::tokens::{Caller, Kind};
use crate::world::App;

fn own<'a>(caller: &Caller, state: &'a State) -> Result<&'a App, Refusal> {
    match caller.kind {
        Kind::App(agentid) => state.app(&caller.corp, agentid).ok_or_else(|| refusal(40056)),
        Kind::Contacts | Kind::Customers => Err(refusal(48002)),
    }
}

pub(super) fn get(call: &ApiCall, caller: &Caller, state: &mut State) -> Answer {
    let agentid = call.number("agentid")?.ok_or_else(|| refusal(41011))?;
    let app = own(caller, state)?;
    if app.agentid != agentid {
        return Err(refusal(301_002));
    }
    let mut fields = object(json!({
        "agentid": app.agentid, "name": app.name, "description": app.description,
        "square_logo_url": "https://p.example/logo", "close": u8::from(app.closed),
        "redirect_domain": app.oauth_domain.as_deref().unwrap_or_default(),
        "report_location_flag": 0, "isreportenter": 0, "home_url": app.home_url,
    }));
    let users: Vec<Value> = app.scope.users.iter().map(|userid| json!({"userid": userid})).collect();
    let omit = state.world.switches.omit_empty_scope;
    let mut put = |key: &str, inner: &str, list: Value, empty: bool| {
        if !(omit && empty) {
            fields.insert(
                key.to_owned(),
                Value::Object(Map::from_iter([(inner.to_owned(), list)])),
            );
        }
    };
    put("allow_userinfos", "user", json!(users), users.is_empty());
    put(
        "allow_partys",
        "partyid",
        json!(app.scope.parties),
        app.scope.parties.is_empty(),
    );
    put("allow_tags", "tagid", json!(app.scope.tags), app.scope.tags.is_empty());
    Ok(fields)
}

pub(super) fn list(_: &ApiCall, caller: &Caller, state: &mut State) -> Answer {
    let app = own(caller, state)?;
    let row = json!({"agentid": app.agentid, "name": app.name, "square_logo_url": "https://p.example/logo"});
    Ok(object(json!({"agentlist": [row]})))
}
