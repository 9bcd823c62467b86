//! The boundary of corp tokens of suites: userids that come in are those of the provider, and so are those that go out (reference §0.2, §3.4).

use serde_json::{Map, Value, json};

use super::super::call::{Answer, ApiCall};
use crate::state::State;
use crate::tokens::Caller;
use crate::world::Corp;
use crate::world::open_ids::OpenIds;

/// Put before an id that names no member, so that it is well-formed for no call: plain ids count as unknown after the id upgrade.
const UNKNOWN: &str = "?";

/// The ids of the app behind the token; `None`: it is the corp's own.
pub(in crate::api) fn of(caller: &Caller, state: &State) -> Option<OpenIds> {
    let app = match caller.kind {
        crate::tokens::Kind::App(agentid) => state.app(&caller.corp, agentid)?,
        _ => return None,
    };
    OpenIds::of_app(&state.world, app)
}

/// The call with plain userids. Conversions take what they are given.
pub(in crate::api) fn inward(call: &ApiCall, ids: &OpenIds, corp: &Corp) -> ApiCall {
    let mut call = call.clone();
    if !ids.encrypts_users() || call.path.starts_with("/cgi-bin/batch/") {
        return call;
    }
    let plain = |named: &str| match ids.member(corp, named) {
        Some(member) => member.userid.clone(),
        None if named.is_empty() || named == "@all" => named.to_owned(),
        None => format!("{UNKNOWN}{named}"),
    };
    if let Some(userid) = call.query.get_mut("userid") {
        *userid = plain(userid);
    }
    if let Some(Value::String(userid)) = call.body.get_mut("userid") {
        *userid = plain(userid);
    }
    if let Some(Value::String(list)) = call.body.get_mut("touser") {
        let each: Vec<String> = list.split('|').map(plain).collect();
        *list = each.join("|");
    }
    call
}

/// The answer with the userids of the provider, and `open_userid` beside those of members.
pub(in crate::api) fn outward(answer: Answer, call: &ApiCall, ids: &OpenIds, corp: Option<&Corp>) -> Answer {
    let mut fields = answer?;
    let Some(corp) = corp.filter(|_| !call.path.starts_with("/cgi-bin/batch/")) else {
        return Ok(fields);
    };
    translate(&mut fields, ids, corp);
    Ok(fields)
}

fn translate(fields: &mut Map<String, Value>, ids: &OpenIds, corp: &Corp) {
    let member = fields.get("userid").and_then(Value::as_str).map(str::to_owned);
    if let Some(userid) = member.filter(|userid| corp.member(userid).is_some()) {
        let told = ids.userid(corp, &userid);
        if let Some(name) = fields.get_mut("name") {
            if *name == json!(userid) {
                *name = json!(told);
            }
            if ids.stands_beside() {
                fields.insert("open_userid".to_owned(), json!(ids.open_userid(corp, &userid)));
            }
        }
        fields.insert("userid".to_owned(), json!(told));
    }
    for (key, value) in fields.iter_mut() {
        match (key.as_str(), value) {
            ("direct_leader" | "department_leader" | "follow_user", Value::Array(list))
                if list.iter().all(Value::is_string) =>
            {
                for userid in list {
                    *userid = json!(ids.userid(corp, userid.as_str().unwrap_or_default()));
                }
            }
            ("invaliduser" | "unlicenseduser", Value::String(list)) => *list = listed(list, ids, corp),
            (_, Value::Object(inner)) => translate(inner, ids, corp),
            (_, Value::Array(list)) => {
                let inner = list.iter_mut().filter_map(Value::as_object_mut);
                inner.for_each(|inner| translate(inner, ids, corp));
            }
            _ => {}
        }
    }
}

/// Ids joined by bars, as they were given.
fn listed(list: &str, ids: &OpenIds, corp: &Corp) -> String {
    let told = |userid: &str| match userid.strip_prefix(UNKNOWN) {
        Some(given) => given.to_owned(),
        None => ids.userid(corp, userid),
    };
    let each: Vec<String> = list.split('|').map(told).collect();
    each.join("|")
}
